import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.fit.tones import LEVELS, matched, tones

RANDOM = np.random.default_rng(3)
DARK = (255 * RANDOM.random((64, 48)) ** 4).astype(np.uint8)


def _quantiles(image: np.ndarray) -> np.ndarray:
    return np.quantile(image, LEVELS)


def test_a_toned_picture_has_the_grey_values_of_the_film() -> None:
    image = RANDOM.random((100, 100), np.float32)
    film = tones([DARK], 1.0).quantiles[0]
    found = matched(image, film)
    assert np.abs(_quantiles(found) - film).max() < 0.02
    assert np.median(found) < 0.15 < np.median(image)


@given(st.integers(0, 2**32 - 1))
def test_what_was_brighter_stays_no_darker(seed: int) -> None:
    random = np.random.default_rng(seed)
    image = random.choice(random.random(random.integers(1, 40)), (20, 20)).astype(np.float32)
    found = matched(image, tones([DARK], 1.0).quantiles[0])
    order = np.argsort(image.ravel())
    assert (np.diff(found.ravel()[order]) >= -1e-5).all()
    assert found.min() >= 0
    assert found.max() <= 1


def test_only_the_wanted_share_is_toned() -> None:
    image = torch.linspace(0, 1, 400).reshape(20, 20)
    some = tones([DARK], 0.25)
    changed = sum(
        not torch.equal(some.apply(image, np.random.default_rng(seed)), image)
        for seed in range(400)
    )
    assert 70 <= changed <= 130


def test_grey_values_without_films_are_refused() -> None:
    with pytest.raises(ValueError, match="no folder with films"):
        tones([], 0.5)
