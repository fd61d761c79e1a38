import highdicom as hd

from service.encoders.sr_regions import graphic_data, region
from tests.phantoms import phantom_analysis

IMAGE = phantom_analysis(10, 5).image
SQUARE = ((1.0, 1.0), (1.0, 3.0), (3.0, 3.0), (1.0, 1.0))


def test_a_pixel_centre_lies_half_a_pixel_from_the_image_s_corner() -> None:
    assert graphic_data(((0.0, 0.0), (9.0, 4.0)), 10, 5).tolist() == [[0.5, 0.5], [4.5, 9.5]]


def test_no_point_leaves_the_image() -> None:
    assert graphic_data(((-3.0, 99.0),), 10, 5).tolist() == [[5.0, 0.0]]


def test_a_single_point_is_a_point() -> None:
    assert region(((2.0, 2.0),), IMAGE).graphic_type == hd.sr.GraphicTypeValues.POINT


def test_a_closed_outline_is_a_polyline_that_ends_where_it_began() -> None:
    drawn = region(SQUARE, IMAGE)

    assert drawn.graphic_type == hd.sr.GraphicTypeValues.POLYLINE
    assert drawn.value[0].tolist() == drawn.value[-1].tolist() == [1.5, 1.5]
