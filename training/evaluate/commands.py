"""The commands that judge models and projections; nothing heavy is imported until one runs."""

import argparse
import json
from pathlib import Path
from typing import Any

FIRST_SCORED, LAST_SCORED = 130, 258
"""Films with lower ids may have been trained on."""

Commands = Any  # argparse keeps the type of its subparsers to itself


def add_commands(commands: Commands) -> None:
    """Add `evaluate`, `gates`, `confusion` and `agreement`."""
    _add_evaluate(
        commands.add_parser("evaluate", help="score model packages on films with human masks")
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
    command.add_argument("--films", type=Path, required=True, help="NNN.png, NNN.mask.png, ctr.csv")
    _add_ids(command)
    command.add_argument("--json", type=Path, help="write the figures and every film's score here")
    command.set_defaults(call=_evaluate)


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


def _evaluate(options: argparse.Namespace) -> int:
    from training.evaluate.report import as_table
    from training.evaluate.stage import evaluate_packages

    ids = range(options.first, options.last + 1)
    found = evaluate_packages(options.packages, options.films, ids)
    print(as_table({name: entry["summary"] for name, entry in found.items()}))  # noqa: T201
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))
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
