"""Films are picked, sets are of equal size, and the table tells how many floors a distance is."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from training.evaluate.frechet import Distance
from training.evaluate.realism import (
    RealismInput,
    as_table,
    compare_with_films,
    film_paths,
)
from training.project.picture import names

SIDE = 40


class FewFeatures:
    """In place of the large network: mean and spread of four quarters of the picture's rows."""

    def of(self, pictures: object) -> np.ndarray:
        return np.array([_numbers(each) for each in pictures])  # type: ignore[attr-defined]


def _numbers(pixels: np.ndarray) -> list[float]:
    parts = np.array_split((pixels - pixels.min()) / np.ptp(pixels), 4)
    return [number for part in parts for number in (part.mean(), part.std())]


@pytest.fixture
def material(tmp_path: Path) -> RealismInput:
    """Films of noise that darkens downwards; projections of noise that does not."""
    random = np.random.default_rng(4)
    slope = np.linspace(0.2, 1, SIDE)[:, None]
    for number in range(40):
        film = 255 * slope * random.uniform(0.3, 1, (SIDE, SIDE))
        Image.fromarray(film.astype(np.uint8)).save(tmp_path / f"{number:03d}.png")
        (tmp_path / f"{number:03d}.mask.png").write_bytes(b"")
    integrals = random.uniform(0, 3, (30, SIDE, SIDE)).astype(np.float16)
    rows = np.tile([0, SIDE], (30, 1))
    np.savez(tmp_path / "v.npz", water=integrals, bone=0 * integrals, masks=rows, rows=rows)
    return RealismInput(film_paths(tmp_path, 35), film_paths(tmp_path)[36:], tmp_path, 20)


def test_masks_and_films_above_the_last_are_left_out(material: RealismInput) -> None:
    assert [path.name for path in material.films][-1] == "035.png"
    assert len(material.films) == 36


def test_projections_unlike_the_films_are_farther_than_the_floor(material: RealismInput) -> None:
    given = RealismInput(material.films, (), material.views, material.most_views)

    floor, *others = compare_with_films(given, names(), FewFeatures())  # type: ignore[arg-type]

    assert [each.name for each in others] == [f"projections, {name}" for name in names()]
    assert {each.count for each in (floor, *others)} == {18}
    assert all(each.low > 5 * floor.high for each in others)


def test_too_few_films_of_another_origin_are_refused(material: RealismInput) -> None:
    with pytest.raises(ValueError, match="4 pictures of each set"):
        compare_with_films(material, (), FewFeatures())  # type: ignore[arg-type]


def test_the_table_counts_in_floors() -> None:
    rows = as_table([Distance("halves", 9, 2, 1, 3, 0.1), Distance("drr", 9, 8, 7, 9, 0.25)])

    assert rows.splitlines()[-1] == "| drr | 9 | 8.0 (7.0 to 9.0) | 4.00 | 0.2500 |"
