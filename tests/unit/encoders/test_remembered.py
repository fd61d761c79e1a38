import gc
from dataclasses import replace
from weakref import ref

import numpy as np
import pytest

from service.domain.analysis import Analysis
from service.encoders.remembered import Picture, Remembered
from tests.phantoms import phantom_analysis


class Painter:
    """Counts its pictures, each of another grey."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, _: Analysis) -> Picture:
        self.made += 1
        return np.full((2, 2, 3), self.made, dtype=np.uint8)


def test_a_picture_is_made_once_for_an_analysis() -> None:
    painter, analysis = Painter(), phantom_analysis(16, 16)
    picture = Remembered(painter)

    assert picture(analysis) is picture(analysis)
    assert painter.made == 1


def test_another_analysis_has_another_picture_even_if_it_is_equal_in_most() -> None:
    painter, analysis = Painter(), phantom_analysis(16, 16)
    picture = Remembered(painter)
    picture(analysis)

    other = replace(analysis, measurements=())

    assert picture(other)[0, 0, 0] == 2
    assert picture(analysis)[0, 0, 0] == 3


def test_nothing_of_an_analysis_is_kept_when_it_goes() -> None:
    painter, analysis = Painter(), phantom_analysis(16, 16)
    picture = Remembered(painter)
    made = ref(picture(analysis))

    del analysis
    gc.collect()

    assert made() is None


def test_a_picture_that_others_will_get_cannot_be_painted_over() -> None:
    analysis = phantom_analysis(16, 16)
    picture = Remembered(Painter())(analysis)

    with pytest.raises(ValueError, match="read-only"):
        picture[0] = 0
