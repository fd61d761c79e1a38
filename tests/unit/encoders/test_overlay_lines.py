from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from service.domain.measurement import Line
from service.encoders.drawn import DrawnLine
from service.encoders.overlay_lines import FilmDrawing, draw_lines, label
from service.encoders.picture import PictureScale
from tests.phantoms import phantom_analysis

SIDE = 1000
WIDTH, RATIO, _ = phantom_analysis().measurements


def drawing() -> tuple[FilmDrawing, Image.Image]:
    picture = Image.new("RGB", (SIDE, SIDE), (90, 90, 90))
    return FilmDrawing(ImageDraw.Draw(picture), PictureScale(1, 1, SIDE, SIDE)), picture


def drawn(points: Line, number: int = 1, *, is_main: bool = True) -> DrawnLine:
    measurement = replace(WIDTH, points=points, value=100.0)
    return DrawnLine(number, measurement, (measurement,), (255, 255, 255), is_main)


def test_a_main_line_is_labelled_with_its_number_and_its_values() -> None:
    ratio = replace(RATIO, value=0.5)
    line = replace(drawn(((1.0, 1.0), (1.0, 9.0))), shown=(replace(WIDTH, value=100.0), ratio))

    assert label(line) == "1: 100 mm, 0.50"


def test_another_line_is_labelled_with_its_number() -> None:
    assert label(drawn(((1.0, 1.0), (1.0, 9.0)), 7, is_main=False)) == "7"


@pytest.mark.parametrize("corner", [(0.0, 0.0), (0.0, 999.0), (999.0, 0.0), (999.0, 999.0)])
def test_labels_stay_on_the_film(corner: tuple[float, float]) -> None:
    film, _ = drawing()

    draw_lines(film, [drawn(((500.0, 500.0), corner))])

    (left, top, right, bottom) = film.taken[0]
    assert left >= -1
    assert top >= -1
    assert right <= SIDE + 1
    assert bottom <= SIDE + 1


def test_labels_of_near_lines_do_not_lie_on_each_other() -> None:
    film, _ = drawing()
    lines = [drawn(((300.0 + 4 * i, 200.0), (300.0 + 4 * i, 700.0)), i + 1) for i in range(5)]

    draw_lines(film, lines)

    for one, other in combinations(film.taken, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart


def test_a_point_can_be_drawn() -> None:
    film, picture = drawing()

    draw_lines(film, [drawn(((500.0, 500.0),))])

    assert (np.asarray(picture)[500, 499:502] == 255).all(axis=-1).any()


def test_an_outline_is_not_drawn_again_but_has_its_label_inside() -> None:
    film, picture = drawing()
    outline = ((100.0, 100.0), (100.0, 400.0), (400.0, 400.0), (400.0, 100.0), (100.0, 100.0))

    draw_lines(film, [drawn(outline, 2)])

    shown = np.asarray(picture)
    assert (shown[100, 110:390] == 90).all()
    ((left, top, right, bottom),) = film.taken
    assert 100 < left < right < 400
    assert 100 < top < bottom < 400


def test_a_line_ends_in_caps_across_its_direction() -> None:
    film, picture = drawing()

    draw_lines(film, [drawn(((200.0, 500.0), (800.0, 500.0)))])

    shown = np.asarray(picture)
    assert (shown[200, 493:508] == 255).all(), "a vertical line has horizontal caps"
    assert not (shown[500, 493:498] == 255).all()
