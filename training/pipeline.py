"""All stages in order, each in its folder under the work folder."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.card.known import known_of
from training.card.page import CardFacts, write_card
from training.durable import write_json
from training.evaluate.stage import Material, as_json, evaluate_package
from training.executors.port import Executor
from training.experiment import Phase, Recipe, check_subjects
from training.export.graph import Probabilities
from training.export.home import claim
from training.export.package import FRONTAL, LATERAL, PackageFacts
from training.export.pictures import training_pictures
from training.export.quantised import Picture
from training.export.stage import Wanted, export_packages
from training.fit.checkpoint import checkpoint_keys, load_teacher
from training.fit.saliency.classifier import ClassifierSettings
from training.fit.saliency.stage import Pointing, saliency
from training.fit.stage import FilmFolders, FitRun, fit_phases, phase_checkpoint
from training.fit.views.choice import views_of
from training.ingest.given import given_candidates
from training.ingest.stage import IngestSettings, ingest
from training.label.critic.registry import JudgeSettings
from training.label.stage import Labelling, label
from training.pack.stage import PackRun, pack_samples
from training.project.stage import LATERAL as LATERAL_VIEWS
from training.project.stage import Plan, project_views
from training.provenance import EXPERT_LICENCE, has_films, partly_known, trained_on, until
from training.stage import Stage, read_manifest

CRITIC_TOKEN = "THORAX_CRITIC_TOKEN"  # noqa: S105 - the variable's name
"""What an `http` judge is sent as `Authorization: Bearer`: no secret belongs in a recipe."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where a run reads and writes; sources that are None are simply not used.

    `executor` makes the items of label and project; None makes them here, one after the other.
    `cache` keeps what is downloaded; None keeps it in the work folder. `presence` and `boxes` are
    films of which less than a mask is known.
    """

    work: Path
    volumes: Path | None
    films: Path | None
    unlabelled: Path | None
    models: Path
    executor: Executor | None = None
    cache: Path | None = None
    presence: Path | None = None
    boxes: Path | None = None


def run(recipe: Recipe, folders: Folders, stages: Sequence[str]) -> None:
    """Run the named stages; raises HomeTaken before the first where the package has no place."""
    if "export" in stages:
        claim(package_home(recipe, folders), folders.work / "export")
    for name in stages:
        RUNNERS[name](recipe, folders)


def _ingest(recipe: Recipe, folders: Folders) -> None:
    found = given_candidates(recipe.ingest, folders.volumes, folders.work, folders.cache)
    settings = IngestSettings(recipe.ingest.spacing_mm, frozenset(recipe.ingest.accept))
    check_subjects(recipe, [candidate.name for candidate in found])
    ingest(found, folders.work / "ingest", settings)


def _label(recipe: Recipe, folders: Folders) -> None:
    asked = recipe.label
    labelling = Labelling(
        **asked.model_dump(exclude={"critic_url"}),
        judge=JudgeSettings(asked.critic_url, os.environ.get(CRITIC_TOKEN)),
    )
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


def _saliency(recipe: Recipe, folders: Folders) -> None:
    """Pseudo-masks for the films of `--presence`; without them nothing."""
    if folders.presence is None:
        Stage.open(folders.work / "saliency", "saliency", {}, {})
        return
    asked = recipe.saliency.model_dump()
    cutoffs = asked.pop("cutoffs")
    pointing = Pointing(ClassifierSettings(**asked), cutoffs)
    saliency(folders.presence, folders.work / "saliency", pointing)


def _fit(recipe: Recipe, folders: Folders) -> None:
    lateral = recipe.export.lateral
    work = folders.work
    pseudo = work / "saliency" if folders.presence is not None else None
    films = FilmFolders(folders.films, folders.unlabelled, pseudo, folders.boxes)
    films = FilmFolders() if lateral else films
    run = FitRun(views_of(recipe, work), work / "fit", recipe.fit, recipe.films, films, lateral)
    fit_phases(run)


def _export(recipe: Recipe, folders: Folders) -> None:
    """The last phase becomes the package; phases that saw no film get one under the work folder."""
    settings = {"export": recipe.export.model_dump(mode="json"), "size": recipe.fit.size}
    phases = {_title(phase, recipe): phase for phase in _packaged(recipe)}
    export_packages(
        folders.work / "fit",
        folders.work / "export",
        {title: _wanted(phase, recipe, folders) for title, phase in phases.items()},
        settings,
        lambda title: _facts(recipe, folders, phases[title]),
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


def _facts(recipe: Recipe, folders: Folders, phase: Phase) -> PackageFacts:
    seen = until(recipe, phase)
    return PackageFacts(
        name=recipe.export.name,
        version=recipe.export.version,
        size=recipe.fit.size_of(phase),
        gates={gate.value: limit for gate, limit in recipe.export.gates.items()},
        chest_structures=recipe.export.chest_structures,
        trained_on=(
            *trained_on(seen, folders.work, folders.films, folders.unlabelled),
            *partly_known(seen, folders.presence, folders.boxes),
        ),
        metrics={},
        thresholds=recipe.export.thresholds,
        views=LATERAL if recipe.export.lateral else FRONTAL,
        pictures=_pictures(recipe, folders, phase),
    )


def _pictures(recipe: Recipe, folders: Folders, phase: Phase) -> list[Picture]:
    if not recipe.export.pictures:
        return []
    views = views_of(recipe, folders.work)
    checkpoint = phase_checkpoint(folders.work / "fit", phase)
    keys = checkpoint_keys(checkpoint)
    stride = Probabilities(load_teacher(checkpoint), keys).stride()
    samples = views.samples(views.trained)
    size = recipe.fit.size_of(phase)
    return training_pictures(samples, keys, size, stride, recipe.export.pictures)


def _evaluate(recipe: Recipe, folders: Folders) -> None:
    """Score every package on the films and the volumes that are kept for it, as far as given."""
    homes = {_title(p, recipe): _wanted(p, recipe, folders).home for p in _packaged(recipe)}
    material = _material(recipe, folders)
    settings = {
        "films": recipe.films.model_dump(mode="json"),
        "subjects": material.subjects,
        "given": folders.films is not None,
    }
    inputs = {"export": read_manifest(folders.work / "export")["fingerprint"]}
    stage = Stage.open(folders.work / "evaluate", "evaluate", settings, inputs)

    def make(title: str) -> dict[str, Any]:
        path = stage.folder / f"{title.replace(' ', '-')}.json"
        write_json(path, as_json(evaluate_package(homes[title], material)))
        return {"files": [path.name]}

    stage.each(homes if material.films or material.views else (), make)


def _material(recipe: Recipe, folders: Folders) -> Material:
    subjects = views_of(recipe, folders.work).scored
    return Material(
        films=None if recipe.export.lateral else folders.films,
        ids=tuple(range(recipe.films.score_from, recipe.films.score_to + 1)),
        views=_views(recipe, folders) if subjects else None,
        subjects=subjects,
    )


def _views(recipe: Recipe, folders: Folders) -> Path:
    """Where the views of the recipe's direction lie."""
    return folders.work / "project" / (LATERAL_VIEWS if recipe.export.lateral else "")


def _card(recipe: Recipe, folders: Folders) -> None:
    """Metrics and card from what `evaluate` wrote; never typed by hand."""
    evaluated = read_manifest(folders.work / "evaluate")
    inputs = {
        "export": read_manifest(folders.work / "export")["fingerprint"],
        "evaluate": evaluated["fingerprint"],
    }
    stage = Stage.open(folders.work / "card", "card", {"experiment": recipe.name}, inputs)
    folder = folders.work / "evaluate"
    files = {title: folder / item["files"][0] for title, item in evaluated["items"].items()}

    def make(_: str) -> dict[str, Any]:
        scores = {title: json.loads(path.read_text()) for title, path in files.items()}
        card = write_card(package_home(recipe, folders), _card_facts(recipe, folders, scores))
        return {"files": [str(card.resolve())]}

    stage.each([recipe.export.name], make)


def _card_facts(recipe: Recipe, folders: Folders, scores: dict[str, Any]) -> CardFacts:
    views = views_of(recipe, folders.work)
    return CardFacts(
        experiment=f"training/experiments/{recipe.name}.yaml",
        network=recipe.fit.network,
        phases=[phase.name for phase in recipe.fit.phases],
        has_films=has_films(recipe, folders.films),
        held_out=views.scored,
        score_from=recipe.films.score_from,
        score_to=recipe.films.score_to,
        known=known_of(folders.work, views),
        scores=scores,
    )


RUNNERS: dict[str, Callable[[Recipe, Folders], None]] = {
    "ingest": _ingest,
    "label": _label,
    "project": _project,
    "pack": _pack,
    "saliency": _saliency,
    "fit": _fit,
    "export": _export,
    "evaluate": _evaluate,
    "card": _card,
}
