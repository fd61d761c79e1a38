"""`realism`: how far projections are from real radiographs, in features of an unbiased network."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from service.domain.image import ViewPosition
from training.evaluate.features import ImageNetFeatures
from training.evaluate.films import read_film
from training.evaluate.frechet import Distance, distance_between, distance_within
from training.evaluate.views import read_integrals
from training.project.picture import render

Pixels = npt.NDArray[np.float32]
Features = npt.NDArray[np.float64]
MASKS = ".mask"
FRONTAL = (
    ViewPosition.POSTERO_ANTERIOR,
    ViewPosition.ANTERO_POSTERIOR,
    ViewPosition.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class RealismInput:
    """films: the reference, frontal ones. others: films of another origin, if any.

    views: a folder of the `project` stage, of which `most_views` of each file are taken.
    """

    films: Sequence[Path]
    others: Sequence[Path]
    views: Path
    most_views: int


def film_paths(folder: Path | None, last: int | None = None) -> list[Path]:
    """Pictures of a folder without the masks beside them; numbered ones only up to `last`."""
    found = sorted(folder.glob("*.png")) if folder else []
    films = [path for path in found if not path.stem.endswith(MASKS)]
    return [path for path in films if last is None or _number(path) <= last]


def _number(path: Path) -> int:
    """A film's number; one that has only a name comes before all numbers."""
    return int(path.stem) if path.stem.isdecimal() else -1


def compare_with_films(
    given: RealismInput, appearances: Sequence[str], network: ImageNetFeatures
) -> list[Distance]:
    """The floor, the distance between two origins of real films, and each appearance's distance.

    Every distance is of as many pictures, so that all carry the same bias. Raises ValueError when
    there are too few.
    """
    films = network.of(map(read_film, tqdm(given.films, unit="film")))
    sets = (
        {"films of another origin": network.of(map(read_film, given.others))}
        if given.others
        else {}
    )
    for name in appearances:
        sets[f"projections, {name}"] = network.of(_rendered(given, name))
    count = min([len(films) // 2, *(len(each) for each in sets.values())])
    floor = distance_within("two halves of the films", films, count)
    return [floor, *(distance_between(name, films, each, count) for name, each in sets.items())]


def as_table(distances: Sequence[Distance]) -> str:
    """Markdown, with how many times the floor each distance is."""
    floor = distances[0].mean
    lines = [
        "| against the films | pictures | Frechet distance | times the floor | kernel distance |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {each.name} | {each.count} | {each.mean:.1f} ({each.low:.1f} to {each.high:.1f}) "
            f"| {each.mean / floor:.2f} | {each.kernel:.4f} |"
            for each in distances
        ),
    ]
    return "\n".join(lines)


def _rendered(given: RealismInput, appearance: str) -> Iterator[Pixels]:
    random = np.random.default_rng(0)
    for path in tqdm(sorted(given.views.glob("*.npz")), desc=appearance, unit="volume"):
        for integrals in read_integrals(path, FRONTAL, given.most_views):
            yield render(appearance, integrals, random)
