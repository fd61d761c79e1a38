"""What entered a training, with its licence: every volume, film set and pre-training."""

from pathlib import Path
from typing import Any

from training.experiment import Phase, Recipe
from training.films import training_films, validation_films
from training.fit.views.choice import views_of
from training.stage import read_manifest

EXPERT_LICENCE = "MIT (dataset), films as published"
UNLABELLED_LICENCE = "NIH Clinical Center, free to use with acknowledgement"
PRETRAINED = {
    "efficientnet-lite0": (
        "ImageNet-1k, by the published weights of EfficientNet-Lite0 (Tan and Le)",
        "weights Apache-2.0",
    )
}
"""What a network knows before it sees a chest, unless its settings say `pretrained: false`."""


def until(recipe: Recipe, phase: Phase) -> Recipe:
    """The recipe without what comes after a phase: the package of that phase did not see it."""
    phases = recipe.fit.phases[: recipe.fit.phases.index(phase) + 1]
    return recipe.model_copy(update={"fit": recipe.fit.model_copy(update={"phases": phases})})


def trained_on(
    recipe: Recipe, work: Path, films: Path | None, unlabelled: Path | None
) -> list[dict[str, Any]]:
    """Entries of the manifest's `trained_on`; held-out volumes are none of them."""
    volumes = read_manifest(work / "ingest")["items"]
    views = views_of(recipe, work)
    entries = [
        _entry(f"CT {name}", volumes[name]["licence"], f"train, {views.origin}", 1)
        for name in views.trained
    ]
    if recipe.fit.network in PRETRAINED and recipe.fit.network_settings.get("pretrained", True):
        entries.append(_entry(*PRETRAINED[recipe.fit.network], "pre-training of the encoder", 0))
    shows_bare = recipe.fit.sees_bare_films and not recipe.export.lateral
    if films is not None and (shows_bare or has_films(recipe, films)):
        entries.append(_expert_films(recipe, films))
    if unlabelled is not None and shows_bare:
        count = len(list(unlabelled.glob("*.png")))
        entries.append(
            _entry("NIH ChestX-ray14 films", UNLABELLED_LICENCE, "train, without masks", count)
        )
    return entries


def partly_known(recipe: Recipe, presence: Path | None, boxes: Path | None) -> list[dict[str, Any]]:
    """Entries of films of which less than a mask is known; their licence is not asked for."""
    entries = []
    for folder, share, known in ((presence, "pseudo", "pseudo-masks"), (boxes, "boxes", "boxes")):
        is_asked = any(getattr(phase, share) for phase in recipe.fit.phases)
        if folder is not None and is_asked and not recipe.export.lateral:
            count = len(list(folder.glob("*.png")))
            entries.append(
                _entry(f"films of {folder.name}", "not stated", f"train, {known}", count)
            )
    return entries


def has_films(recipe: Recipe, films: Path | None) -> bool:
    """Whether films with human masks are trained on: there are frontal ones only."""
    is_asked = any(phase.films for phase in recipe.fit.phases)
    return films is not None and is_asked and not recipe.export.lateral


def _expert_films(recipe: Recipe, films: Path) -> dict[str, Any]:
    count = len(training_films(films, recipe.films))
    kept = len(validation_films(films, recipe.films))
    split = f"ids below {recipe.films.score_from}, {kept} of them for validation only"
    masks = "with human masks" if has_films(recipe, films) else "without their masks"
    return _entry(f"frontal films {masks} (N. Dong)", EXPERT_LICENCE, split, count)


def _entry(dataset: str, licence: str, split: str, subjects: int) -> dict[str, Any]:
    return {"dataset": dataset, "licence": licence, "split": split, "subjects": subjects}
