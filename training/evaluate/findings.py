"""What a model cannot do, in sentences, for a reader with five minutes."""

from collections.abc import Iterator, Sequence

from training.evaluate.films import DRAWN
from training.evaluate.report import sides_as_json
from training.evaluate.robustness import Curve
from training.evaluate.scores import ClassSummary, summarise_classes
from training.evaluate.stage import Evaluated

POOR_IOU, BAD_FILM = 0.5, 0.8
DROP = 0.05
"""A disturbance counts from this loss of mean IoU on."""

MOST_NAMED, LOWEST = 12, 5


def findings(found: Evaluated) -> list[str]:
    """The sentences, the gravest first."""
    return [
        *_sides(found), *_seen_before(found), *_films(found), *_ratio(found),
        *_disturbed(found.robustness), *_unlabelled(found), *_projections(found), *_unscored(found),
    ]  # fmt: skip


def _sides(found: Evaluated) -> Iterator[str]:
    for what, scores in (("films", found.films), ("projections", found.views)):
        sides = sides_as_json(each.sides for each in scores)
        if sides and sides["swapped"]:
            yield (
                f"On {sides['swapped']} of {sides['pictures']} {what} right and left are swapped: "
                "IoU is higher with the sides exchanged."
            )


def seen_in_training(found: Evaluated) -> list[str]:
    """The volumes whose projections are scored though the package was trained on them."""
    trained = " ".join(entry.dataset for entry in found.package.manifest.trained_on).split()
    subjects = dict.fromkeys(view.subject for view in found.views)
    return [subject for subject in subjects if subject in trained]


def _seen_before(found: Evaluated) -> Iterator[str]:
    seen = seen_in_training(found)
    if seen:
        yield (
            f"It was trained on {_named(seen)}, whose projections are scored here: "
            "those scores say nothing about other patients."
        )


def _films(found: Evaluated) -> Iterator[str]:
    for film, reason in found.unreadable.items():
        yield f"Film {film} was left out: {reason}."
    for summary in summarise_classes(score.classes for score in found.films):
        if summary.missed:
            yield f"{summary.key} is not found at all on {summary.missed} of {summary.known} films."
    bad = [score for score in found.films if score.mean_iou < BAD_FILM]
    if bad:
        worst = min(bad, key=lambda score: score.mean_iou)
        yield (
            f"{len(bad)} of {len(found.films)} films have a mean IoU below {BAD_FILM:.2f}; "
            f"the worst is film {worst.film} with {worst.mean_iou:.2f}."
        )


def _ratio(found: Evaluated) -> Iterator[str]:
    agreement = found.agreement
    if agreement is None:
        return
    low, high = agreement.limits
    yield (
        f"One cardiothoracic ratio may be off by {low:+.3f} to {high:+.3f} (95 % of films); "
        f"{agreement.not_measured} of {agreement.films} films get none."
    )


def _disturbed(curves: Sequence[Curve]) -> Iterator[str]:
    """One sentence a disturbance, for both structures."""
    by_name: dict[str, list[str]] = {}
    for curve in curves:
        name = f"{curve.disturbance.name} ({curve.disturbance.unit})"
        by_name.setdefault(name, []).extend(_losses(curve))
    for name, losses in by_name.items():
        if losses:
            yield f"IoU with {name}: {'; '.join(losses)}."


def _losses(curve: Curve) -> Iterator[str]:
    plain = curve.undisturbed
    means = {point.strength: point.iou.mean for point in curve.points if point.iou is not None}
    if plain is None:
        return
    lost = {strength: mean for strength, mean in means.items() if plain.mean - mean > DROP}
    if lost:
        strengths = ", ".join(f"{strength:g}" for strength in lost)
        worst = min(lost.values())
        yield f"{curve.structure} fall from {plain.mean:.2f} to {worst:.2f} at {strengths}"


def _unlabelled(found: Evaluated) -> Iterator[str]:
    counted = found.completeness
    if counted and counted.lacking:
        yield (
            f"{len(counted.lacking)} of {counted.films} unlabelled films lack a lung or a heart "
            f"({_named(counted.lacking)})."
        )


def _projections(found: Evaluated) -> Iterator[str]:
    summaries = summarise_classes(view.classes for view in found.views)
    never = [each.key for each in summaries if each.present and each.missed == each.present]
    poor = sorted((each for each in summaries if _is_poor(each, never)), key=_mean)
    if never:
        yield f"Never found on projections: {_named(never)}."
    if poor:
        named = [f"{each.key} {_mean(each):.2f}" for each in poor]
        yield f"IoU below {POOR_IOU} on projections: {_named(named)}."
    elif summaries:
        lowest = sorted((each for each in summaries if each.present), key=_mean)[:LOWEST]
        named = [f"{each.key} {_mean(each):.2f}" for each in lowest]
        yield f"Lowest IoU on projections: {_named(named)}."
    absent = [each.key for each in summaries if not each.present]
    if absent:
        yield f"Not in sight on any of these projections, so not judged: {_named(absent)}."


def _unscored(found: Evaluated) -> Iterator[str]:
    keys = [label.key for label in found.package.labels]
    scored = {score.key for view in found.views for score in view.classes}
    drawn = set(DRAWN) if found.films else set[str]()
    only_projected = [key for key in keys if key in scored - drawn]
    never = [key for key in keys if key not in scored | drawn]
    if only_projected:
        yield f"{len(only_projected)} of {len(keys)} classes were judged on projections only."
    if never:
        yield f"{len(never)} of {len(keys)} classes were not judged here at all: {_named(never)}."


def _is_poor(summary: ClassSummary, never: Sequence[str]) -> bool:
    return summary.present > 0 and summary.key not in never and _mean(summary) < POOR_IOU


def _mean(summary: ClassSummary) -> float:
    return summary.iou.mean if summary.iou else 0.0


def _named(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
