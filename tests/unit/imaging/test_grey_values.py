import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from service.imaging.grey_values import grey_scale

pictures = arrays(
    np.int32, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.integers(-32768, 65535)
).filter(lambda picture: np.ptp(picture) <= 65535)


@given(stored=pictures)
def test_the_identity_scale_keeps_order_and_reaches_both_ends(stored: NDArray[np.int32]) -> None:
    pixels = grey_scale(stored).applied(stored)

    assert pixels.dtype == np.float32
    order = np.argsort(stored, axis=None)
    assert (np.diff(pixels.ravel()[order]) >= 0).all()
    assert pixels.min() == 0
    assert pixels.max() == (1 if np.ptp(stored) else 0)


@given(stored=pictures)
def test_inverting_twice_is_the_identity(stored: NDArray[np.int32]) -> None:
    scale = grey_scale(stored)

    np.testing.assert_allclose(scale.inverted.inverted.used, scale.used)


@given(stored=pictures)
def test_inversion_mirrors_every_value_of_a_picture_that_has_contrast(
    stored: NDArray[np.int32],
) -> None:
    scale = grey_scale(stored)

    if np.ptp(stored):
        total = scale.applied(stored) + scale.inverted.applied(stored)
        np.testing.assert_allclose(total, 1.0, atol=1e-6)


def test_each_entry_counts_its_pixels() -> None:
    scale = grey_scale(np.array([[3, 3], [5, 4]]))

    assert scale.lowest == 3
    assert scale.counts.tolist() == [2, 1, 1]


@pytest.mark.parametrize("padding", [(9, 9), (8, 12)], ids=["one value", "a range"])
def test_padding_is_black_and_does_not_stretch_the_scale(padding: tuple[int, int]) -> None:
    stored = np.array([[9, 1], [2, 3]])

    pixels = grey_scale(stored, padding).applied(stored)

    assert pixels.tolist() == [[0, 0], [0.5, 1]]


def test_padding_is_black_after_inversion_too() -> None:
    stored = np.array([[0, 1], [2, 3]])

    pixels = grey_scale(stored, (0, 0)).inverted.applied(stored)

    assert pixels.tolist() == [[0, 1], [0.5, 0]]


def test_a_picture_that_would_be_all_padding_has_none() -> None:
    stored = np.array([[7, 7]])

    assert not grey_scale(stored, (7, 7)).is_padding.any()
