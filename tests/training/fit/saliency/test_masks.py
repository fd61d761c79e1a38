import numpy as np

from training.fit.saliency.masks import filled, otsu, pseudo_mask


def _bump(side: int = 16, row: int = 4, column: int = 11) -> np.ndarray:
    rows, columns = np.mgrid[0:side, 0:side]
    distance = (rows - row) ** 2 + (columns - column) ** 2
    return np.exp(-distance / 8).astype(np.float32)


def test_the_mask_lies_where_the_map_peaks() -> None:
    mask = pseudo_mask(_bump(), (160, 160), 0.5)
    assert mask is not None
    rows, columns = np.nonzero(mask)
    # cell 4 of 16 has its middle at (4 + 1/2) * 10 of 160
    assert abs(rows.mean() - 45) < 2
    assert abs(columns.mean() - 115) < 2
    assert 0.02 < mask.mean() < 0.2


def test_a_peak_below_the_cut_off_is_no_knowledge() -> None:
    assert pseudo_mask(_bump() * 0.3, (32, 32), 0.4) is None
    assert pseudo_mask(np.zeros((8, 8), np.float32), (32, 32), 0.0) is None


def test_otsu_divides_two_greys_between_them() -> None:
    greys = np.full((20, 20), 40, np.uint8)
    greys[5:9] = 200
    assert 40 <= otsu(greys) < 200


def test_holes_inside_the_outer_contour_are_filled() -> None:
    ring = np.zeros((9, 9), bool)
    ring[2:7, 2:7] = True
    ring[4, 4] = False
    assert filled(ring)[4, 4]
    assert filled(ring).sum() == 25
