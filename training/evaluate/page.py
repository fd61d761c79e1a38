"""The report: one HTML file with everything inside, tables, curves and pictures."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from service.inference.session import Segmenter
from training.evaluate.bland_altman import as_uri
from training.evaluate.chart import Chart, Line, Place, evenly_spaced
from training.evaluate.distribution import distribution
from training.evaluate.films import FilmScore
from training.evaluate.findings import findings, seen_in_training
from training.evaluate.metrics import Estimate
from training.evaluate.pictures import Picture, film_picture, view_picture
from training.evaluate.report import sides_as_json
from training.evaluate.robustness import Curve
from training.evaluate.scores import ClassSummary, mean_iou, summarise_classes
from training.evaluate.stage import PROVIDERS, Evaluated, Material
from training.evaluate.views import ViewScore, views_for
from training.stage import code_version

TEMPLATE = "report.html.jinja"
WORST, MEDIAN, BEST = 4, 2, 2


@dataclass(frozen=True, slots=True)
class Section:
    """One package on the page, ready to be printed."""

    found: Evaluated
    findings: Sequence[str]
    seen_in_training: Sequence[str]
    film_classes: Sequence[ClassSummary]
    film_sides: dict[str, float | int] | None
    film_spread: Markup
    film_pictures: Sequence[tuple[str, Sequence[Picture]]]
    bland_altman: str | None
    robustness: Sequence[Markup]
    steadiness: Sequence[Markup]
    view_classes: Sequence[ClassSummary]
    view_mean: float | None
    view_sides: dict[str, float | int] | None
    view_pictures: Sequence[tuple[str, Sequence[Picture]]]


def write_page(path: Path, found: Sequence[Evaluated], material: Material, command: str) -> Path:
    """Write the report of these packages; `command` is how to make it again."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["interval"] = interval
    source = files(__package__).joinpath(TEMPLATE).read_text(encoding="utf-8")
    text = environment.from_string(source).render(
        sections=[_section(each, material) for each in found],
        material=material,
        command=command,
        code_version=code_version(),
        made=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )
    path.write_text(text, encoding="utf-8")
    return path


def interval(value: Estimate | None, digits: int = 3) -> str:
    """`0.931 (0.926 to 0.936)`, or a dash."""
    if value is None:
        return "-"
    return f"{value.mean:.{digits}f} ({value.low:.{digits}f} to {value.high:.{digits}f})"


def ranked(count: int) -> dict[str, list[int]]:
    """Places, from the worst, of the worst, median and best of `count` pictures; none twice."""
    if count < WORST + MEDIAN + BEST:
        return {"From the worst to the best": list(range(count))}
    middle = (count - MEDIAN) // 2
    return {
        "Worst": list(range(WORST)),
        "Median": list(range(max(WORST, middle), max(WORST, middle) + MEDIAN)),
        "Best": list(range(count - BEST, count)),
    }


def curve_charts(curves: Sequence[Curve]) -> list[Markup]:
    """One chart a disturbance, with its structures as lines; all with the same axis."""
    lows = [point.iou.low for curve in curves for point in curve.points if point.iou is not None]
    bottom = min(0.8, math.floor(10 * min(lows, default=0)) / 10)
    by_name: dict[str, list[Curve]] = {}
    for curve in curves:
        by_name.setdefault(curve.disturbance.name, []).append(curve)
    return [_chart(each, bottom) for each in by_name.values()]


def _section(found: Evaluated, material: Material) -> Section:
    segmenter = Segmenter(found.package, PROVIDERS)
    agreement = found.agreement
    view_classes = summarise_classes(view.classes for view in found.views)
    return Section(
        found=found,
        findings=findings(found),
        seen_in_training=seen_in_training(found),
        film_classes=summarise_classes(score.classes for score in found.films),
        film_sides=sides_as_json(score.sides for score in found.films),
        film_spread=Markup(distribution(_by_class(found.films))),  # noqa: S704 - made here
        film_pictures=_film_pictures(segmenter, found.films, material),
        bland_altman=as_uri(found.ratios, agreement) if agreement else None,
        robustness=curve_charts(found.robustness),
        steadiness=curve_charts(found.steadiness),
        view_classes=view_classes,
        view_mean=mean_iou(view_classes),
        view_sides=sides_as_json(view.sides for view in found.views),
        view_pictures=_view_pictures(segmenter, found.views, material),
    )


def _by_class(scores: Iterable[FilmScore]) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for film in scores:
        for score in film.classes:
            values.setdefault(score.key, []).append(score.iou)
    return values


def _film_pictures(
    segmenter: Segmenter, scores: Sequence[FilmScore], material: Material
) -> list[tuple[str, list[Picture]]]:
    order = sorted(scores, key=lambda score: score.mean_iou)
    return [
        (title, [_film(segmenter, order[place], material) for place in places])
        for title, places in ranked(len(order)).items()
        if places
    ]


def _film(segmenter: Segmenter, score: FilmScore, material: Material) -> Picture:
    per_class = ", ".join(f"{each.key.replace('_', ' ')} {each.iou:.2f}" for each in score.classes)
    path = (material.films or Path()) / f"{score.film}.png"
    return film_picture(segmenter, path, f"film {score.film}: {per_class}")


def _view_pictures(
    segmenter: Segmenter, scores: Sequence[ViewScore], material: Material
) -> list[tuple[str, list[Picture]]]:
    order = sorted(scores, key=lambda score: score.mean_iou)
    groups = {title: [order[n] for n in places] for title, places in ranked(len(order)).items()}
    wanted = {(each.subject, each.number): each for group in groups.values() for each in group}
    if not wanted or material.views is None:
        return []
    subjects = sorted({subject for subject, _ in wanted})
    drawn = {
        (view.subject, view.number): view_picture(
            segmenter, view, wanted[view.subject, view.number]
        )
        for view in views_for(segmenter, material.views, subjects, material.most_views)
        if (view.subject, view.number) in wanted
    }
    return [
        (title, [drawn[each.subject, each.number] for each in group])
        for title, group in groups.items()
    ]


def _chart(curves: Sequence[Curve], bottom: float) -> Markup:
    disturbance = curves[0].disturbance
    lines = tuple(Line(curve.structure, _places(curve)) for curve in curves)
    ticks = evenly_spaced([f"{strength:g}" for strength in disturbance.strengths])
    chart = Chart(disturbance.name, disturbance.unit, "IoU", ticks, lines, bottom)
    return Markup(chart.svg())  # noqa: S704 - its texts are escaped there


def _places(curve: Curve) -> tuple[Place, ...]:
    return tuple(
        Place(float(place), point.iou.mean, point.iou.low, point.iou.high)
        for place, point in enumerate(curve.points)
        if point.iou is not None
    )
