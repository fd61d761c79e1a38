"""`evaluate`: packages on films and projections that were never trained on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from service.inference.manifest import ModelPackage, read_package
from service.inference.session import Segmenter
from training.evaluate.agreement import Agreement, Ratio, ratios_of
from training.evaluate.agreement import summarise as summarise_ratios
from training.evaluate.films import FilmScore, score_films, unreadable_films
from training.evaluate.report import classes_as_json, sides_as_json, summarise
from training.evaluate.robustness import (
    Completeness,
    Curve,
    completeness,
    evenly_chosen,
    own_answer,
    robustness_curves,
    truth_of,
)
from training.evaluate.scores import mean_iou, summarise_classes
from training.evaluate.views import ViewScore, score_views
from training.stage import code_version

PROVIDERS = ["CPUExecutionProvider"]
"""Scores are the same on every machine."""


@dataclass(frozen=True, slots=True)
class Material:
    """What to judge by; a folder that is None is left out.

    films: `NNN.png` of `ids` with masks. views: `<subject>.npz` of the `project` stage, of which
    `most_views` each are taken. unlabelled: films without masks. disturbed: how many films of
    either kind go through the disturbances.
    """

    films: Path | None = None
    ids: tuple[int, ...] = ()
    views: Path | None = None
    subjects: tuple[str, ...] = ()
    most_views: int = 40
    unlabelled: Path | None = None
    disturbed: int = 0

    def film_paths(self) -> list[Path]:
        """The films with masks."""
        return [self.films / f"{number:03d}.png" for number in self.ids] if self.films else []

    def unlabelled_paths(self) -> list[Path]:
        """The films without masks."""
        return sorted(self.unlabelled.glob("*.png")) if self.unlabelled else []


@dataclass(frozen=True, slots=True)
class Evaluated:
    """All that was found about one package; what was not asked for is empty or None.

    unreadable: films that were left out, with reasons.
    """

    folder: Path
    package: ModelPackage
    films: tuple[FilmScore, ...] = ()
    unreadable: Mapping[str, str] = field(default_factory=dict)
    robustness: tuple[Curve, ...] = ()
    steadiness: tuple[Curve, ...] = ()
    completeness: Completeness | None = None
    views: tuple[ViewScore, ...] = ()

    @property
    def ratios(self) -> list[Ratio]:
        """The cardiothoracic ratios of the films, as the service gives them."""
        return ratios_of(self.films)

    @property
    def agreement(self) -> Agreement | None:
        """None where no film has both a measured and a published ratio."""
        has_pair = any(r.found is not None and r.published is not None for r in self.ratios)
        return summarise_ratios(self.ratios) if has_pair else None


def evaluate_package(folder: Path, material: Material) -> Evaluated:
    """Everything that the material allows; raises ModelPackageError, ValueError without a film.

    A film that cannot be read is left out and named; the others are scored.
    """
    segmenter = Segmenter(read_package(folder), PROVIDERS)
    unreadable, material = _without_unreadable(material)
    few = evenly_chosen(material.film_paths(), material.disturbed)
    unlabelled = material.unlabelled_paths()
    steady = evenly_chosen(unlabelled, material.disturbed)
    return Evaluated(
        folder=folder,
        package=segmenter.package,
        films=tuple(score_films(segmenter, material.films, material.ids) if material.films else ()),
        unreadable=unreadable,
        robustness=robustness_curves(segmenter, few, truth_of) if few else (),
        steadiness=robustness_curves(segmenter, steady, own_answer(segmenter)) if steady else (),
        completeness=completeness(segmenter, unlabelled) if unlabelled else None,
        views=tuple(_views(segmenter, material)),
    )


def _without_unreadable(material: Material) -> tuple[dict[str, str], Material]:
    if material.films is None:
        return {}, material
    reasons = unreadable_films(material.films, material.ids)
    ids = tuple(number for number in material.ids if f"{number:03d}" not in reasons)
    if not ids:
        first = next(iter(reasons.values()), "no number was asked for")
        raise ValueError(f"no film of {material.films} can be read: {first}")
    return reasons, replace(material, ids=ids)


def evaluate_packages(
    packages: Sequence[Path], films: Path, ids: Iterable[int]
) -> dict[str, dict[str, Any]]:
    """Per package folder: `summary` and the score of every film."""
    material = Material(films=films, ids=tuple(ids))
    return {str(path): as_json(evaluate_package(path, material)) for path in packages}


def as_json(found: Evaluated) -> dict[str, Any]:
    """What was found, and by which package and code, ready for JSON."""
    manifest = found.package.manifest
    content: dict[str, Any] = {
        "package": {
            "name": manifest.name,
            "version": manifest.version,
            "weights_sha256": manifest.weights.sha256,
        },
        "code_version": code_version(),
    }
    return content | {key: value for key, value in _parts(found) if value}


def _parts(found: Evaluated) -> Iterator[tuple[str, Any]]:
    yield "summary", summarise(found.films) if found.films else None
    yield "films", [asdict(score) for score in found.films]
    yield "unreadable", dict(found.unreadable)
    yield "agreement", asdict(found.agreement) if found.agreement else None
    yield "robustness", [_curve(curve) for curve in found.robustness]
    yield "steadiness", [_curve(curve) for curve in found.steadiness]
    yield "completeness", asdict(found.completeness) if found.completeness else None
    yield "views", _views_as_json(found.views)


def _views(segmenter: Segmenter, material: Material) -> list[ViewScore]:
    if material.views is None:
        return []
    there = tuple(path.stem for path in sorted(material.views.glob("*.npz")))
    subjects = material.subjects or there
    missing = [subject for subject in subjects if subject not in there]
    if missing or not subjects:
        named = ", ".join(there) or "no volume"
        raise ValueError(f"{material.views} holds views of {named}, not of {missing or 'any'}")
    return score_views(segmenter, material.views, subjects, material.most_views)


def _views_as_json(views: Sequence[ViewScore]) -> dict[str, Any] | None:
    if not views:
        return None
    classes = summarise_classes(view.classes for view in views)
    return {
        "views": len(views),
        "mean_iou": mean_iou(classes),
        "classes": classes_as_json(classes),
        "sides": sides_as_json(view.sides for view in views),
        "each": [{**asdict(view), "mean_iou": view.mean_iou} for view in views],
    }


def _curve(curve: Curve) -> dict[str, Any]:
    return {
        "disturbance": curve.disturbance.name,
        "unit": curve.disturbance.unit,
        "structure": curve.structure,
        "points": [asdict(point) for point in curve.points],
    }
