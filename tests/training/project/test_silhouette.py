import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.project.silhouette import closed, opened, silhouette, smooth_field

ROWS, COLUMNS = np.mgrid[0:200, 0:200]
BOX = (np.abs(COLUMNS - 100) < 60) & (ROWS < 160)  # all between the lungs


def _disc(row: float, column: float, radius: float) -> np.ndarray:
    return np.asarray((ROWS - row) ** 2 + (COLUMNS - column) ** 2 < radius**2)


def test_a_vessel_above_the_heart_is_cut_off() -> None:
    heart = _disc(110, 100, 40)
    vessel = (np.abs(COLUMNS - 100) < 8) & (ROWS > 20) & (ROWS < 100)
    found = silhouette(heart | vessel, np.zeros_like(heart), np.zeros_like(heart))
    assert np.nonzero(found)[0].min() >= 68
    assert found[heart].mean() > 0.98


def test_fat_beside_the_heart_belongs_to_its_shadow_as_far_as_the_lung() -> None:
    heart = _disc(110, 100, 40)
    between = (np.abs(COLUMNS - 100) < 90) & (ROWS < 160)
    found = silhouette(heart, between, ~between | (COLUMNS < 55))
    columns = np.flatnonzero(found[110])
    assert columns.min() == 55
    assert 165 <= columns.max() <= 171  # 0.45 of 71 columns beyond the heart's edge at 139


def test_long_vessels_at_a_small_heart_are_cut_off_all_the_same() -> None:
    heart = _disc(120, 100, 22)
    vessels = (np.abs(ROWS - 100) < 3) & (np.abs(COLUMNS - 100) < 60)
    found = silhouette(heart | vessels, heart | vessels, np.zeros_like(heart))
    assert np.ptp(np.flatnonzero(found.any(0))) <= 48
    assert found[heart].mean() > 0.95


def test_a_gap_between_chambers_is_no_border() -> None:
    heart = _disc(110, 100, 40)
    gap = (np.abs(COLUMNS - 85) < 3) & (ROWS < 110)
    found = silhouette(heart & ~gap, np.zeros_like(heart), np.zeros_like(heart))
    assert found[heart].mean() > 0.97


def test_the_shadow_is_not_widened_above_the_heart() -> None:
    heart = _disc(110, 100, 40)
    assert np.nonzero(silhouette(heart, BOX, ~BOX))[0].min() >= 70


@given(st.integers(0, 2**32 - 1))
def test_the_shadow_never_reaches_into_the_lung_field_beyond_the_heart(seed: int) -> None:
    random = np.random.default_rng(seed)
    heart = _disc(*random.uniform(80, 120, 2), random.uniform(20, 45))
    lung_field = _disc(*random.uniform(40, 160, 2), random.uniform(20, 60)) & ~heart
    found = silhouette(heart, BOX, lung_field)
    assert not (found & lung_field).any()


def test_what_is_too_small_stays_as_it_is() -> None:
    heart = _disc(100, 100, 3)
    assert (silhouette(heart, BOX, ~BOX) == heart).all()


def test_a_hilum_in_the_border_of_a_lung_field_is_filled_and_the_heart_is_not() -> None:
    lung = _disc(100, 60, 50)
    field = lung & ~_disc(100, 108, 12)
    assert not field[100, 100]
    heart = _disc(140, 100, 25)
    found = smooth_field(field, lung, heart)
    assert found[100, 100]
    assert not (found & heart).any()
    assert not (found & ~lung).any()


def test_closing_fills_a_gap_and_keeps_the_rest() -> None:
    halves = (np.abs(ROWS - 100) < 50) & (np.abs(COLUMNS - 100) > 3) & (np.abs(COLUMNS - 100) < 50)
    found = closed(halves, 8)
    assert found[100, 100]
    assert found[halves].all()
    assert not found[20].any()


def test_opening_keeps_a_disc_and_takes_a_line() -> None:
    line = np.abs(ROWS - 30) < 2
    found = opened(_disc(110, 100, 30) | line, 8)
    assert found[_disc(110, 100, 28)].all()
    assert not found[30].any()
