"""Ribs are cut where they lie most lateral, whatever the slices and the field of view."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.label.derive.derived import mask_of
from training.label.derive.rib_codes import RIB_KEYS, rib_code, whole_ribs
from training.label.derive.ribs import lateral_row, split_ribs

SIZE = 140
CENTRE = 70.0


def half_ring(
    side: str, radius_mm: float = 55.0, slice_mm: float = 1.0, slope: float = 0.4, turn: float = 0.0
) -> np.ndarray:
    """A rib seen from above: half a ring that falls to the front, tilted by `turn` mm per mm."""
    z, y, x = np.meshgrid(
        np.arange(0, 80, slice_mm), np.arange(SIZE), np.arange(SIZE), indexing="ij"
    )
    outwards = (x - CENTRE if side == "left" else CENTRE - x) + turn * (y - CENTRE)
    near = np.abs(np.hypot(y - CENTRE, outwards) - radius_mm) < 4
    height = 40 + slope * (y - CENTRE)
    return near & (outwards > 0) & (np.abs(z - height) < max(4.0, slice_mm))


def parts(mask: np.ndarray, side: str, slice_mm: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    labels = split_ribs(mask.astype(np.uint8) * rib_code(5, side), (slice_mm, 1.0, 1.0)).labels
    return mask_of(labels, f"posterior_rib_5_{side}"), mask_of(labels, f"anterior_rib_5_{side}")


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("slice_mm", [1.0, 2.5, 5.0])
def test_a_rib_is_cut_where_it_lies_most_lateral(side: str, slice_mm: float) -> None:
    rib = half_ring(side, slice_mm=slice_mm)

    behind, front = parts(rib, side, slice_mm)

    assert np.array_equal(behind | front, rib)
    assert np.nonzero(behind)[1].min() == pytest.approx(CENTRE, abs=2)
    assert np.nonzero(front)[1].max() == pytest.approx(CENTRE, abs=2)


@settings(deadline=None, max_examples=15)
@given(
    radius=st.floats(35, 60), slope=st.floats(-0.6, 0.6), slice_mm=st.sampled_from([1.0, 2.5, 5.0])
)
def test_the_lateral_point_is_found_within_two_millimetres(
    radius: float, slope: float, slice_mm: float
) -> None:
    rib = half_ring("left", radius, slice_mm, slope)

    assert lateral_row(rib, "left", (slice_mm, 1.0, 1.0)) == pytest.approx(CENTRE, abs=2)


def test_a_tilted_rib_is_cut_at_its_own_apex() -> None:
    # Where a circle of radius r is sheared by t, x = sqrt(r^2 - d^2) - t d is widest at
    # d = -t r / sqrt(1 + t^2).
    rib = half_ring("left", turn=0.3)

    apex = CENTRE - 0.3 * 55 / np.sqrt(1 + 0.3**2)
    assert lateral_row(rib, "left", (1.0, 1.0, 1.0)) == pytest.approx(apex, abs=2)


def test_what_the_lower_edge_of_the_scan_leaves_of_a_rib_is_posterior() -> None:
    rib = half_ring("right")[52:]  # the rib falls to the front; its apex would be at slice 40

    behind, front = parts(rib, "right")

    assert not front.any()
    assert np.array_equal(behind, rib)


def test_ends_that_the_side_of_the_scan_separates_are_each_of_one_part() -> None:
    rib = half_ring("left")[:, :, :105]  # the ring reaches to column 129

    behind, front = parts(rib, "left")

    assert np.array_equal(behind | front, rib)
    assert np.nonzero(behind)[1].min() > CENTRE > np.nonzero(front)[1].max()


def test_a_twelfth_rib_has_one_part_and_every_rib_is_known() -> None:
    ribs = half_ring("left").astype(np.uint8) * rib_code(12, "left")

    found = split_ribs(ribs, (1.0, 1.0, 1.0))

    assert found.known == frozenset(RIB_KEYS)
    assert np.array_equal(mask_of(found.labels, "rib_12_left"), ribs > 0)


def test_whole_ribs_are_what_was_split() -> None:
    ribs = half_ring("left").astype(np.uint8) * rib_code(3, "left")
    ribs[half_ring("right")] = rib_code(12, "right")

    assert np.array_equal(whole_ribs(split_ribs(ribs, (1.0, 1.0, 1.0)).labels), ribs)
