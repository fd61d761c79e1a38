"""What a judge looks at."""

import numpy as np
import pytest

from tests.training.label.critic.scans import HEART_AT, MM, SHAPE, ball, question, scan
from training.label.critic.pictures import GAP_PIXELS, View, overlays, side_by_side


def redness(picture: np.ndarray) -> np.ndarray:
    return picture[..., 0].astype(int) - picture[..., 1]


def test_a_picture_has_square_millimetre_pixels() -> None:
    pictures = overlays("heart", scan(), ball())

    z, y, x = (round(n * MM) for n in SHAPE)
    assert pictures[View.FRONTAL].shape == (z, x, 3)
    assert pictures[View.LATERAL].shape == (z, y, 3)


def test_the_mask_is_red_where_it_is_seen_from_each_side() -> None:
    for view, across in ((View.FRONTAL, HEART_AT[2]), (View.LATERAL, HEART_AT[1])):
        rows, columns = np.nonzero(redness(overlays("heart", scan(), ball())[view]) > 30)

        # Rows count from the head; a voxel's middle lies half a voxel from its edge.
        from_top = (SHAPE[0] - 0.5 - HEART_AT[0]) * MM
        assert rows.mean() == pytest.approx(from_top, abs=MM)
        assert columns.mean() == pytest.approx((across + 0.5) * MM, abs=MM)


def test_the_patients_left_is_on_the_right_of_a_frontal_picture() -> None:
    left = np.zeros(SHAPE, np.bool_)
    left[10:20, 10:20, 40:45] = True

    picture = overlays("left_lung", scan(), left)[View.FRONTAL]

    assert np.nonzero(redness(picture) > 30)[1].min() > picture.shape[1] / 2


def test_bones_are_shown_in_a_wider_window_than_organs() -> None:
    drawn = scan()
    drawn.hu[20, 14, 10] = 1200
    nothing = np.zeros(SHAPE, np.bool_)

    bone, organ = (overlays(key, drawn, nothing)[View.FRONTAL] for key in ("sternum", "heart"))

    at = (round((SHAPE[0] - 20.5) * MM), round(10.5 * MM))
    contrast = [int(p[at][0]) - int(p[at[0], at[1] - 8][0]) for p in (bone, organ)]
    assert contrast[0] > contrast[1] > 0


def test_an_empty_mask_leaves_the_picture_grey() -> None:
    assert not redness(overlays("heart", scan(), np.zeros(SHAPE, np.bool_))[View.FRONTAL]).any()


def test_both_candidates_stand_one_above_the_other() -> None:
    z, y, x = (round(n * MM) for n in SHAPE)

    picture = side_by_side(question(ball(), np.zeros(SHAPE, np.bool_)))

    assert picture.shape == (2 * z + GAP_PIXELS, x + GAP_PIXELS + y, 3)
    assert (redness(picture[:z]) > 30).any()
    assert not (redness(picture[z + GAP_PIXELS :]) > 30).any()
