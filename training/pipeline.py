"""All stages in order, each in its folder under the work folder."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.card import write_card
from training.durable import write_json
from training.evaluate.report import as_table
from training.evaluate.stage import evaluate_packages
from training.executors.port import Executor
from training.experiment import Phase, Recipe, check_subjects
from training.export.graph import Probabilities
from training.export.package import FRONTAL, LATERAL, PackageFacts
from training.export.pictures import training_pictures
from training.export.quantised import Picture
from training.export.stage import Wanted, export_packages
from training.fit.checkpoint import checkpoint_keys, load_teacher
from training.fit.dataset import Projections
from training.fit.stage import FilmFolders, FitRun, fit_phases, phase_checkpoint, training_films
from training.ingest.given import given_candidates
from training.ingest.stage import IngestSettings, ingest
from training.label.stage import Labelling, label
from training.pack.stage import PackRun, pack_samples
from training.project.stage import LATERAL as LATERAL_VIEWS
from training.project.stage import Plan, project_views
from training.stage import Stage, read_manifest

EXPERT_LICENCE = "MIT (dataset), films as published"
UNLABELLED_LICENCE = "NIH Clinical Center, free to use with acknowledgement"


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a run reads and writes; sources that are None are simply not used.

    `executor` makes the items of label and project; None makes them here, one after the other.
    `cache` keeps what is downloaded; None keeps it in the work folder.
    """

    work: Path
    volumes: Path | None
    films: Path | None
    unlabelled: Path | None
    models: Path
    executor: Executor | None = None
    cache: Path | None = None


def run(recipe: Recipe, folders: Folders, stages: Sequence[str]) -> None:
    """Run the named stages."""
    for name in stages:
        RUNNERS[name](recipe, folders)


def _ingest(recipe: Recipe, folders: Folders) -> None:
    found = given_candidates(recipe.ingest, folders.volumes, folders.work, folders.cache)
    settings = IngestSettings(recipe.ingest.spacing_mm, frozenset(recipe.ingest.accept))
    check_subjects(recipe, [candidate.name for candidate in found])
    ingest(found, folders.work / "ingest", settings)


def _label(recipe: Recipe, folders: Folders) -> None:
    asked = recipe.label
    labelling = Labelling(asked.atlases, asked.distrust, asked.members, asked.nnunet, asked.student)
    label(folders.work / "ingest", folders.work / "label", labelling, folders.executor)


def _project(recipe: Recipe, folders: Folders) -> None:
    settings = recipe.project
    project_views(
        folders.work / "ingest",
        folders.work / "label",
        folders.work / "project",
        Plan(**settings.model_dump(exclude={"leave_out"})),
        settings.leave_out,
        folders.executor,
    )


def _pack(recipe: Recipe, folders: Folders) -> None:
    work = folders.work
    packing = PackRun(
        work / "ingest",
        work / "label",
        work / "project",
        folders.films,
        recipe.pack,
        recipe.films,
        EXPERT_LICENCE,
    )
    pack_samples(packing, work / "pack")


def _fit(recipe: Recipe, folders: Folders) -> None:
    lateral = recipe.export.lateral
    films = FilmFolders() if lateral else FilmFolders(folders.films, folders.unlabelled)
    work = folders.work
    run = FitRun(work / "project", work / "fit", recipe.fit, recipe.films, films, lateral)
    fit_phases(run)


def _export(recipe: Recipe, folders: Folders) -> None:
    """The last phase becomes the package; phases that saw no film get one under the work folder."""
    settings = {"export": recipe.export.model_dump(mode="json"), "size": recipe.fit.size}
    export_packages(
        folders.work / "fit",
        folders.work / "export",
        {_title(phase, recipe): _wanted(phase, recipe, folders) for phase in _packaged(recipe)},
        settings,
        lambda _: _facts(recipe, folders),
    )


def _packaged(recipe: Recipe) -> list[Phase]:
    """The phases that are worth a package: the last one, and before it those without any film."""
    *earlier, last = recipe.fit.phases
    return [*(phase for phase in earlier if not phase.films), last]


def _title(phase: Phase, recipe: Recipe) -> str:
    return "this package" if phase == recipe.fit.phases[-1] else f"{phase.name} alone"


def _wanted(phase: Phase, recipe: Recipe, folders: Folders) -> Wanted:
    is_last = phase == recipe.fit.phases[-1]
    home = package_home(recipe, folders) if is_last else folders.work / "packages" / phase.name
    return Wanted(phase_checkpoint(folders.work / "fit", phase), home)


def package_home(recipe: Recipe, folders: Folders) -> Path:
    """Where the package of the last phase goes: models/NAME/VERSION."""
    return folders.models / recipe.export.name / recipe.export.version


def _facts(recipe: Recipe, folders: Folders) -> PackageFacts:
    return PackageFacts(
        name=recipe.export.name,
        version=recipe.export.version,
        size=recipe.fit.size,
        gates={gate.value: limit for gate, limit in recipe.export.gates.items()},
        trained_on=tuple(_trained_on(recipe, folders)),
        metrics={},
        thresholds=recipe.export.thresholds,
        views=LATERAL if recipe.export.lateral else FRONTAL,
        pictures=_pictures(recipe, folders),
    )


def _pictures(recipe: Recipe, folders: Folders) -> list[Picture]:
    if not recipe.export.pictures:
        return []
    views = folders.work / "project"
    samples = Projections(
        views / LATERAL_VIEWS if recipe.export.lateral else views, recipe.fit.ignore
    )
    checkpoint = phase_checkpoint(folders.work / "fit", recipe.fit.phases[-1])
    keys = checkpoint_keys(checkpoint)
    stride = Probabilities(load_teacher(checkpoint), keys).stride()
    return training_pictures(samples, keys, recipe.fit.size, stride, recipe.export.pictures)


def _evaluate(recipe: Recipe, folders: Folders) -> None:
    """Score every package on the films that are kept for scoring; without films on none."""
    homes = {_title(p, recipe): _wanted(p, recipe, folders).home for p in _packaged(recipe)}
    settings = {"films": recipe.films.model_dump(mode="json")}
    inputs = {"export": read_manifest(folders.work / "export")["fingerprint"]}
    stage = Stage.open(folders.work / "evaluate", "evaluate", settings, inputs)
    ids = range(recipe.films.score_from, recipe.films.score_to + 1)

    def make(title: str) -> dict[str, Any]:
        (found,) = evaluate_packages([homes[title]], folders.films or Path(), ids).values()
        path = stage.folder / f"{title.replace(' ', '-')}.json"
        write_json(path, found)
        return {"files": [path.name]}

    scored = folders.films is not None and not recipe.export.lateral
    stage.each(homes if scored else (), make)


def _card(recipe: Recipe, folders: Folders) -> None:
    """Metrics and card from what `evaluate` wrote; never typed by hand."""
    evaluated = read_manifest(folders.work / "evaluate")
    inputs = {
        "export": read_manifest(folders.work / "export")["fingerprint"],
        "evaluate": evaluated["fingerprint"],
    }
    stage = Stage.open(folders.work / "card", "card", {}, inputs)
    folder = folders.work / "evaluate"
    files = {title: folder / item["files"][0] for title, item in evaluated["items"].items()}

    def make(_: str) -> dict[str, Any]:
        found = {title: json.loads(path.read_text()) for title, path in files.items()}
        summaries = {title: each["summary"] for title, each in found.items()}
        table = as_table(summaries) if summaries else "Not scored: no films were given."
        return {"files": [str(write_card(package_home(recipe, folders), table).resolve())]}

    stage.each([recipe.export.name], make)


def _trained_on(recipe: Recipe, folders: Folders) -> list[dict[str, Any]]:
    """What entered training: every projected volume, the expert films, the unlabelled films."""
    volumes = read_manifest(folders.work / "ingest")["items"]
    projected = read_manifest(folders.work / "project")["items"]
    entries = [
        {
            "dataset": f"CT {name}",
            "licence": volumes[name]["licence"],
            "split": "train, projected",
            "subjects": 1,
        }
        for name in projected
    ]
    if folders.films is not None and not recipe.export.lateral:
        count = len(training_films(folders.films, recipe.films))
        kept = recipe.films.score_from - count
        split = f"ids below {recipe.films.score_from}, {kept} of them for validation only"
        entries.append(
            _entry("frontal films with human masks (N. Dong)", EXPERT_LICENCE, split, count)
        )
    if folders.unlabelled is not None and any(phase.unlabelled for phase in recipe.fit.phases):
        count = len(list(folders.unlabelled.glob("*.png")))
        entries.append(
            _entry("NIH ChestX-ray14 films", UNLABELLED_LICENCE, "train, without masks", count)
        )
    return entries


def _entry(dataset: str, licence: str, split: str, subjects: int) -> dict[str, Any]:
    return {"dataset": dataset, "licence": licence, "split": split, "subjects": subjects}


RUNNERS: dict[str, Callable[[Recipe, Folders], None]] = {
    "ingest": _ingest,
    "label": _label,
    "project": _project,
    "pack": _pack,
    "fit": _fit,
    "export": _export,
    "evaluate": _evaluate,
    "card": _card,
}
