"""The commands that judge models and projections; nothing heavy is imported until one runs."""

import argparse
import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.evaluate.stage import Material

FIRST_SCORED, LAST_SCORED = 130, 258
"""Films with lower ids may have been trained on."""

Commands = Any  # argparse keeps the type of its subparsers to itself


def add_commands(commands: Commands) -> None:
    """Add `evaluate`, `curve`, `realism`, `gates`, `confusion` and `agreement`."""
    _add_evaluate(commands.add_parser("evaluate", help="score model packages; write a report"))
    _add_curve(commands.add_parser("curve", help="score against the number of volumes"))
    _add_realism(
        commands.add_parser("realism", help="how far projections are from real radiographs")
    )
    _add_gates(commands.add_parser("gates", help="print how every gate comes out for pictures"))
    _add_confusion(
        commands.add_parser("confusion", help="how often gates are right about stored films")
    )
    _add_agreement(
        commands.add_parser(
            "agreement", help="compare the cardiothoracic ratio with published ones"
        )
    )


def _add_ids(command: argparse.ArgumentParser) -> None:
    command.add_argument("--first", type=int, default=FIRST_SCORED, help="first film's number")
    command.add_argument("--last", type=int, default=LAST_SCORED, help="last film's number")


def _add_evaluate(command: argparse.ArgumentParser) -> None:
    command.add_argument("packages", type=Path, nargs="+", help="models/NAME/VERSION")
    _add_material(command)
    command.add_argument("--unlabelled", type=Path, help="films without masks: *.png")
    command.add_argument(
        "--disturbed", type=int, default=0, help="films of either kind for the robustness curves"
    )
    command.add_argument("--json", type=Path, help="write the figures and every score here")
    command.add_argument("--report", type=Path, help="write a page with everything in it: .html")
    command.set_defaults(call=_evaluate)


def _add_material(command: argparse.ArgumentParser) -> None:
    command.add_argument("--films", type=Path, help="NNN.png, NNN.mask.png, ctr.csv")
    _add_ids(command)
    command.add_argument("--views", type=Path, help="a folder of the project stage: NAME.npz")
    command.add_argument(
        "--subjects", nargs="+", default=[], help="volumes kept out of training (default: all)"
    )
    command.add_argument("--most-views", type=int, default=40, help="views of each volume")
    command.set_defaults(unlabelled=None, disturbed=0, refuse=command.error)


def _add_curve(command: argparse.ArgumentParser) -> None:
    command.add_argument("packages", nargs="+", metavar="VOLUMES=PACKAGE", help="3=models/NAME/0.1")
    _add_material(command)
    command.add_argument("--out", type=Path, required=True, help="draw the curve here: .svg")
    command.set_defaults(call=_curve)


def _add_realism(command: argparse.ArgumentParser) -> None:
    command.add_argument("--views", type=Path, required=True, help="a folder of the project stage")
    command.add_argument("--films", type=Path, required=True, help="real frontal films: NNN.png")
    command.add_argument("--last", type=int, default=FIRST_SCORED - 1, help="last film's number")
    command.add_argument("--others", type=Path, help="real films of another origin: *.png")
    command.add_argument("--most-views", type=int, default=20, help="views of each volume")
    command.add_argument("--json", type=Path, help="write the distances here")
    command.set_defaults(call=_realism, refuse=command.error)


def _add_gates(command: argparse.ArgumentParser) -> None:
    command.add_argument("package", type=Path, help="models/NAME/VERSION")
    command.add_argument("paths", type=Path, nargs="+", help="DICOM, PNG, JPEG files or folders")
    command.set_defaults(call=_gates)


def _add_confusion(command: argparse.ArgumentParser) -> None:
    command.add_argument("package", type=Path, help="models/NAME/VERSION")
    command.add_argument("--films", type=Path, required=True, help="NNN.png")
    _add_ids(command)
    command.add_argument("--volumes", type=Path, help="NAME/ct.nii.gz, for frontal and lateral")
    command.add_argument("--views", type=int, default=60, help="projections of either kind")
    command.set_defaults(call=_confusion)


def _add_agreement(command: argparse.ArgumentParser) -> None:
    command.add_argument("package", type=Path, help="models/NAME/VERSION")
    command.add_argument("--films", type=Path, required=True, help="NNN.png, ctr.csv")
    _add_ids(command)
    command.add_argument("--picture", type=Path, help="draw a Bland-Altman picture here")
    command.set_defaults(call=_agreement)


@contextmanager
def _refusing(options: argparse.Namespace) -> Iterator[None]:
    """What is wrong with the given material ends the command with its reason, no traceback."""
    from service.errors import ModelPackageError

    try:
        yield
    except (ValueError, ModelPackageError) as error:
        options.refuse(str(error))


def _evaluate(options: argparse.Namespace) -> int:
    from training.evaluate.page import write_page
    from training.evaluate.report import as_table
    from training.evaluate.stage import as_json, evaluate_package

    material = _material(options)
    with _refusing(options):
        found = [evaluate_package(package, material) for package in options.packages]
    content = {str(each.folder): as_json(each) for each in found}
    if material.films:
        print(as_table({name: each["summary"] for name, each in content.items()}))  # noqa: T201
    for name, each in content.items():
        if "views" in each:
            print(f"{name}: mIoU {each['views']['mean_iou']:.3f} on projections")  # noqa: T201
    if options.json:
        options.json.write_text(json.dumps(content, indent=1))
    if options.report:
        command = shlex.join(["thorax-train", *sys.argv[1:]])
        print(write_page(options.report, found, material, command))  # noqa: T201
    return 0


def _material(options: argparse.Namespace) -> "Material":
    from training.evaluate.stage import Material

    if not (options.films or options.views or options.unlabelled):
        options.refuse("nothing to judge by: give --films, --views or --unlabelled")
    return Material(
        films=options.films,
        ids=tuple(range(options.first, options.last + 1)),
        views=options.views,
        subjects=tuple(options.subjects),
        most_views=options.most_views,
        unlabelled=options.unlabelled,
        disturbed=options.disturbed,
    )


def _curve(options: argparse.Namespace) -> int:
    from training.evaluate.curve import as_chart, as_table, parse, steps

    with _refusing(options):
        found = steps([parse(text) for text in options.packages], _material(options))
    options.out.write_text(as_chart(found))
    print(as_table(found), options.out, sep="\n")  # noqa: T201
    return 0


def _realism(options: argparse.Namespace) -> int:
    from training.evaluate.features import ImageNetFeatures
    from training.evaluate.realism import RealismInput, as_table, compare_with_films, film_paths
    from training.project.picture import names

    films = film_paths(options.films, options.last)
    given = RealismInput(films, film_paths(options.others), options.views, options.most_views)
    with _refusing(options):
        found = compare_with_films(given, names(), ImageNetFeatures())
    print(as_table(found))  # noqa: T201
    if options.json:
        options.json.write_text(json.dumps([asdict(each) for each in found], indent=1))
    return 0


def _gates(options: argparse.Namespace) -> int:
    from training.evaluate.gates import as_line, gate_checks

    for path, checks in gate_checks(options.package, options.paths):
        print(path, *(as_line(check) for check in checks), sep="\n")  # noqa: T201
    return 0


def _confusion(options: argparse.Namespace) -> int:
    from service.domain.gate import Gate
    from training.evaluate.confusion import as_lines, of_films, of_volumes

    ids = range(options.first, options.last + 1)
    print(*as_lines(of_films(options.package, options.films, ids)), sep="\n")  # noqa: T201
    if options.volumes:
        tally = of_volumes(options.package, options.volumes, options.views)
        print("projections", *as_lines({Gate.VIEW: tally}))  # noqa: T201
    return 0


def _agreement(options: argparse.Namespace) -> int:
    from training.evaluate.agreement import as_text, compare, summarise
    from training.evaluate.bland_altman import draw

    ratios = compare(options.package, options.films, range(options.first, options.last + 1))
    agreement = summarise(ratios)
    print(as_text(agreement))  # noqa: T201
    if options.picture:
        draw(ratios, agreement, options.picture)
    return 0
