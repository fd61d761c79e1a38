"""All stages in order, each in its folder under the work folder."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.card import write_card
from training.evaluate.report import as_table
from training.evaluate.stage import evaluate_packages
from training.executors.port import Executor
from training.experiment import Phase, Recipe
from training.export import PackageFacts, export_package
from training.fit.stage import FilmFolders, FitRun, fit_phases, training_films
from training.ingest.given import given_candidates
from training.ingest.stage import IngestSettings, ingest
from training.label.stage import label
from training.project.stage import project_views
from training.stage import read_manifest

EXPERT_LICENCE = "MIT (dataset), films as published"
UNLABELLED_LICENCE = "NIH Clinical Center, free to use with acknowledgement"


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a run reads and writes; sources that are None are simply not used.

    `executor` makes the items of label and project; None makes them here, one after the other.
    """

    work: Path
    volumes: Path | None
    films: Path | None
    unlabelled: Path | None
    models: Path
    executor: Executor | None = None


def run(recipe: Recipe, folders: Folders, stages: Sequence[str]) -> None:
    """Run the named stages."""
    for name in stages:
        RUNNERS[name](recipe, folders)


def _ingest(recipe: Recipe, folders: Folders) -> None:
    found = given_candidates(recipe.ingest, folders.volumes, folders.work)
    settings = IngestSettings(recipe.ingest.spacing_mm, frozenset(recipe.ingest.accept))
    ingest(found, folders.work / "ingest", settings)


def _label(recipe: Recipe, folders: Folders) -> None:
    label(
        folders.work / "ingest",
        folders.work / "label",
        recipe.label.atlas,
        recipe.label.distrust,
        folders.executor,
    )


def _project(recipe: Recipe, folders: Folders) -> None:
    settings = recipe.project
    project_views(
        folders.work / "ingest",
        folders.work / "label",
        folders.work / "project",
        views=settings.views,
        size=settings.size,
        step_mm=settings.step_mm,
        leave_out=settings.leave_out,
        seed=settings.seed,
        executor=folders.executor,
    )


def _fit(recipe: Recipe, folders: Folders) -> None:
    films = FilmFolders(folders.films, folders.unlabelled)
    work = folders.work
    fit_phases(FitRun(work / "project", work / "fit", recipe.fit, recipe.films, films))


def _export(recipe: Recipe, folders: Folders) -> None:
    """The last phase becomes the package; phases that saw no film are scored beside it."""
    last = recipe.fit.phases[-1]
    alone = [phase for phase in recipe.fit.phases[:-1] if not phase.films]
    summaries = {}
    for phase in [*alone, last] if folders.films is not None else []:
        summaries[_title(phase, last)] = _score(recipe, folders, phase.name)
    home = folders.models / recipe.export.name / recipe.export.version
    _package(recipe, folders, last.name, home, summaries)
    write_card(home, as_table(summaries) if summaries else "Not scored: no films were given.")


def _title(phase: Phase, last: Phase) -> str:
    return "this package" if phase == last else f"{phase.name} alone"


def _score(recipe: Recipe, folders: Folders, phase: str) -> dict[str, Any]:
    """Package a phase under work/packages and score it on the films kept for scoring."""
    package = _package(recipe, folders, phase, folders.work / "packages" / phase, {})
    ids = range(recipe.films.score_from, recipe.films.score_to + 1)
    films = folders.films or Path()
    summary: dict[str, Any] = evaluate_packages([package], films, ids)[str(package)]["summary"]
    return summary


def _package(
    recipe: Recipe, folders: Folders, phase: str, home: Path, metrics: dict[str, Any]
) -> Path:
    facts = PackageFacts(
        name=recipe.export.name,
        version=recipe.export.version,
        size=recipe.fit.size,
        gates=recipe.export.gates,
        trained_on=tuple(_trained_on(recipe, folders)),
        metrics=metrics,
        thresholds=recipe.export.thresholds,
    )
    return export_package(folders.work / "fit" / phase / "checkpoint.pt", home, facts)


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
    if folders.films is not None:
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
    "fit": _fit,
    "export": _export,
}
