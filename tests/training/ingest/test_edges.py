"""What is missing beyond an edge follows from how the area shrinks towards it."""

import numpy as np
import pytest

from training.ingest.edges import FURTHEST_MM, cut_off_mm


@pytest.mark.parametrize("missing", [5.0, 20.0, 60.0])
def test_a_wedge_is_continued_to_its_tip(missing: float) -> None:
    spacing = 3.0
    heights = missing + spacing * np.arange(20)[::-1]  # millimetres to the tip, towards the edge

    assert cut_off_mm(100 * heights, spacing) == pytest.approx(missing)


def test_nothing_is_missing_where_nothing_touches_the_edge() -> None:
    assert cut_off_mm(np.array([900.0, 400.0, 0.0]), 3.0) == 0


def test_what_does_not_shrink_is_missing_by_more_than_can_be_told() -> None:
    assert cut_off_mm(np.full(10, 5000.0), 3.0) == FURTHEST_MM
