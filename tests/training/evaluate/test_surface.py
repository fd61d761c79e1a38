"""Distances that are derived here, and MONAI and SimpleITK as independent implementations."""

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813 - its own abbreviation
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from monai.metrics import compute_hausdorff_distance

from training.evaluate import surface
from training.evaluate.surface import on_grid, surface_distance_95

SHAPE = (60, 80)


def disc(row: float, column: float, radius: float) -> np.ndarray:
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return (rows - row) ** 2 + (columns - column) ** 2 <= radius**2


def test_a_square_moved_by_three_is_three_away() -> None:
    found, truth = np.zeros((2, 40, 40), bool)
    truth[10:30, 10:30] = True
    found[10:30, 13:33] = True

    # Of 76 surface pixels 20 lie 3 away (the whole far side), which is more than 5 %; none more.
    assert surface_distance_95(found, truth) == pytest.approx(3)


def test_equal_masks_touch_even_at_the_pictures_edge() -> None:
    mask = np.zeros((20, 20), bool)
    mask[:7, :20] = True

    assert surface_distance_95(mask, mask) == 0


def test_there_is_no_distance_to_nothing() -> None:
    assert surface_distance_95(disc(20, 20, 5), np.zeros(SHAPE, bool)) is None
    assert surface_distance_95(np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)) is None


def test_a_few_stray_pixels_do_not_decide() -> None:
    truth = disc(30, 30, 20)
    found = truth.copy()
    found[5, 75] = True

    # One pixel of more than a hundred: below the 5 % that the percentile leaves out.
    assert surface_distance_95(found, truth) == 0


def test_pixels_are_those_of_a_grid_of_512() -> None:
    assert on_grid(3.0, (1024, 800)) == pytest.approx(1.5)


# MONAI calls a deprecated part of itself.
monai_warns = pytest.mark.filterwarnings("ignore:.*always_return_as_numpy:FutureWarning")
place = st.tuples(st.integers(5, 55), st.integers(5, 75), st.integers(1, 20))


@monai_warns
@settings(max_examples=40, deadline=None)
@given(st.lists(place, min_size=1, max_size=3), st.lists(place, min_size=1, max_size=3))
def test_monai_finds_the_same(
    first: list[tuple[int, int, int]], second: list[tuple[int, int, int]]
) -> None:
    found = np.any([disc(*each) for each in first], axis=0)
    truth = np.any([disc(*each) for each in second], axis=0)

    given_masks = (torch.from_numpy(each)[None, None].float() for each in (found, truth))
    expected = compute_hausdorff_distance(*given_masks, include_background=True, percentile=95)

    assert surface_distance_95(found, truth) == pytest.approx(float(expected), abs=1e-4)


def test_at_the_hundredth_percentile_it_is_simpleitks_hausdorff_distance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Only the percentile differs between the two definitions for one mask inside the other's
    # neighbourhood; SimpleITK measures from all pixels of a mask, which for separate masks is
    # the same as from its surface.
    monkeypatch.setattr(surface, "PERCENTILE", 100)
    found, truth = disc(20, 20, 8), disc(40, 60, 11)
    peer = sitk.HausdorffDistanceImageFilter()
    peer.Execute(*(sitk.GetImageFromArray(each.astype(np.uint8)) for each in (found, truth)))

    assert surface_distance_95(found, truth) == pytest.approx(peer.GetHausdorffDistance())
