"""Source grid to model grid and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.inference.manifest import Intensity
from service.inference.preprocess import (
    letterbox,
    normalised,
    source_window,
    to_model_input,
    to_source_grid,
    to_source_window,
)

EVERYTHING = Intensity(method="percentile", low=0, high=100)
sides = st.integers(min_value=8, max_value=700)


@given(rows=sides, columns=sides, aspect=st.floats(0.5, 2))
def test_a_grid_is_placed_centred_and_keeps_its_proportions(
    rows: int, columns: int, aspect: float
) -> None:
    placed = letterbox(rows, columns, 256, aspect)

    assert max(placed.height, placed.width) == 256
    assert abs(placed.height * columns - placed.width * rows * aspect) <= max(
        columns, rows * aspect
    )
    assert 0 <= 256 - placed.height - 2 * placed.top <= 1
    assert 0 <= 256 - placed.width - 2 * placed.left <= 1


@settings(deadline=None, max_examples=30)
@given(rows=st.integers(150, 500), columns=st.integers(150, 500), data=st.data())
def test_a_box_comes_back_within_a_model_pixel(
    rows: int, columns: int, data: st.DataObject
) -> None:
    top = data.draw(st.integers(10, rows // 2))
    left = data.draw(st.integers(10, columns // 2))
    bottom, right = rows - 10, columns - 10
    pixels = np.zeros((rows, columns), np.float32)
    pixels[top:bottom, left:right] = 1.0

    given_to_model = to_model_input(pixels, 128, EVERYTHING)
    back = to_source_grid(given_to_model.tensor[0, 0], given_to_model.resampling) >= 0.5

    allowed = max(rows, columns) / 128
    assert back.shape == pixels.shape
    found_rows, found_columns = np.flatnonzero(back.any(1)), np.flatnonzero(back.any(0))
    for found, expected in zip(
        (found_rows[0], found_rows[-1] + 1, found_columns[0], found_columns[-1] + 1),
        (top, bottom, left, right),
        strict=True,
    ):
        assert abs(found - expected) <= allowed


def test_the_tensor_is_what_the_manifest_promises() -> None:
    pixels = np.linspace(-500, 3000, 300 * 200, dtype=np.float32).reshape(300, 200)

    tensor = to_model_input(pixels, 64, EVERYTHING).tensor

    assert (tensor.shape, tensor.dtype) == ((1, 1, 64, 64), np.float32)
    assert tensor.min() == 0.0
    assert 0.9 < tensor.max() <= 1.0
    assert not tensor[0, 0, :, :10].any(), "a narrow image is padded at both sides"


@given(scale=st.floats(0.01, 100), offset=st.floats(-1000, 1000), seed=st.integers(0, 2**32 - 1))
def test_brightness_and_contrast_do_not_matter(scale: float, offset: float, seed: int) -> None:
    pixels = np.random.default_rng(seed).random((40, 30)).astype(np.float32)
    intensity = Intensity(method="percentile", low=1, high=99)

    changed = normalised((pixels * scale + offset).astype(np.float32), intensity)

    # float32 keeps seven digits of the offset
    assert np.allclose(changed, normalised(pixels, intensity), atol=2e-3 * (1 + 0.1 / scale))


def test_outliers_beyond_the_percentiles_are_cut() -> None:
    pixels = np.full((100, 100), 10.0, np.float32)
    pixels[:50] = 20.0
    pixels[0, 0], pixels[0, 1] = 1e6, -1e6

    scaled = normalised(pixels, Intensity(method="percentile", low=0.5, high=99.5))

    assert scaled[80, 50] == 0.0
    assert scaled[20, 50] == 1.0
    assert (scaled.min(), scaled.max()) == (0.0, 1.0)


@pytest.mark.parametrize("value", [0.0, -7.0, 65535.0])
def test_a_flat_image_becomes_nothing(value: float) -> None:
    assert not normalised(np.full((8, 8), value, np.float32), EVERYTHING).any()


def test_oblong_pixels_are_made_square_for_the_model() -> None:
    pixels = np.ones((100, 200), np.float32)

    resampling = to_model_input(pixels, 64, EVERYTHING, aspect=2.0).resampling

    assert (resampling.height, resampling.width) == (64, 64)


@settings(deadline=None, max_examples=60)
@given(
    rows=st.integers(20, 300),
    columns=st.integers(20, 300),
    threshold=st.floats(0.2, 0.9),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_window_holds_all_that_the_whole_grid_would(
    rows: int, columns: int, threshold: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    plane = np.zeros((64, 64), np.float32)
    top, left = random.integers(0, 50, 2)
    plane[top : top + 9, left : left + 12] = random.random((9, 12))
    resampling = letterbox(rows, columns, 64)

    window = source_window(plane >= threshold, resampling)

    whole = to_source_grid(plane, resampling)
    found = np.zeros(whole.shape, dtype=bool)
    if window is not None:
        found[window.slices] = to_source_window(plane, resampling, window) >= threshold
    # A window begins at a fraction of a model pixel, which float32 rounds: on the threshold itself
    # either answer is right.
    is_sure = np.abs(whole - threshold) > 1e-5
    assert np.array_equal(found[is_sure], (whole >= threshold)[is_sure])
