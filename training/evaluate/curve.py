"""`curve`: score against the number of volumes that a package was trained on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.evaluate.chart import Chart, Line, Place
from training.evaluate.films import FilmScore
from training.evaluate.metrics import Estimate, estimate
from training.evaluate.stage import Evaluated, Material, evaluate_package

LOWEST, HIGHEST = 0.0, 1.0
FILM_LINES: tuple[tuple[str, Callable[[FilmScore], float]], ...] = (
    ("lung fields", lambda score: score.lung_fields),
    ("heart", lambda score: score.heart),
)
PROJECTIONS = "all classes, projections"


@dataclass(frozen=True, slots=True)
class Trained:
    """A package and on how many volumes it was trained."""

    volumes: int
    package: Path


@dataclass(frozen=True, slots=True)
class Step:
    """One place of the curve: an estimate for each line that the material allows."""

    volumes: int
    package: str
    scores: dict[str, Estimate]


def parse(text: str) -> Trained:
    """`3=models/NAME/VERSION`; raises ValueError."""
    number, _, path = text.partition("=")
    if not number.isdigit() or not int(number) or not path:
        raise ValueError(f"{text} is not VOLUMES=PACKAGE, as in 3=models/NAME/VERSION")
    return Trained(int(number), Path(path))


def steps(packages: Sequence[Trained], material: Material) -> list[Step]:
    """Every package scored on the same material, in the order of their numbers of volumes."""
    order = sorted(packages, key=lambda each: each.volumes)
    return [_step(each, evaluate_package(each.package, material)) for each in order]


def as_chart(found: Sequence[Step]) -> str:
    """The curve as SVG; the x axis is true to the numbers."""
    names = [name for name in _names() if any(name in step.scores for step in found)]
    lines = tuple(Line(name, _places(name, found)) for name in names)
    ticks = tuple((float(volumes), str(volumes)) for volumes in sorted({s.volumes for s in found}))
    lowest = min((place.low for line in lines for place in line.places), default=LOWEST)
    bottom = max(LOWEST, int(10 * lowest) / 10)
    title = "IoU against the number of CT volumes"
    return Chart(title, "volumes trained on", "IoU", ticks, lines, bottom, HIGHEST).svg()


def as_table(found: Sequence[Step]) -> str:
    """Markdown, a row a package."""
    names = [name for name in _names() if any(name in step.scores for step in found)]
    head = ["volumes", "package", *(f"{name} IoU" for name in names)]
    rows = [
        [str(step.volumes), step.package, *(_cell(step.scores.get(name)) for name in names)]
        for step in found
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _names() -> list[str]:
    return [*(name for name, _ in FILM_LINES), PROJECTIONS]


def _step(trained: Trained, found: Evaluated) -> Step:
    values = {name: [score_of(film) for film in found.films] for name, score_of in FILM_LINES}
    values[PROJECTIONS] = [view.mean_iou for view in found.views]
    estimates = {name: estimate(scores) for name, scores in values.items()}
    known = {name: each for name, each in estimates.items() if each is not None}
    manifest = found.package.manifest
    return Step(trained.volumes, f"{manifest.name} {manifest.version}", known)


def _places(name: str, found: Sequence[Step]) -> tuple[Place, ...]:
    return tuple(
        Place(float(step.volumes), each.mean, each.low, each.high)
        for step in found
        if (each := step.scores.get(name)) is not None
    )


def _cell(value: Estimate | None) -> str:
    return "-" if value is None else f"{value.mean:.3f} ({value.low:.3f} to {value.high:.3f})"
