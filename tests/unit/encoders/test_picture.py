import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from service.domain.analysis import Analysis
from service.domain.image import PixelSpacing, SpacingProvenance
from service.encoders.picture import grey_picture, picture_scale, shown_mask
from tests.phantoms import CALIBRATED, phantom_analysis


def film(rows: int, columns: int, spacing: PixelSpacing = CALIBRATED) -> Analysis:
    return phantom_analysis(rows, columns, spacing=spacing)


SCALE = picture_scale(film(300, 450))


@pytest.mark.parametrize(
    ("size", "expected"),
    [((3200, 2400), (1600, 1200)), ((1200, 1000), (1200, 1000)), ((300, 450), (600, 900))],
    ids=["large: smaller", "fitting: as it is", "small: larger"],
)
def test_the_longer_side_is_brought_to_900_to_1600(
    size: tuple[int, int], expected: tuple[int, int]
) -> None:
    scale = picture_scale(film(*size))

    assert (scale.rows, scale.columns) == expected


def test_oblong_pixels_are_shown_in_their_shape() -> None:
    oblong = PixelSpacing(0.4, 0.2, SpacingProvenance.CALIBRATED)

    scale = picture_scale(film(500, 1000, oblong))

    assert (scale.rows, scale.columns) == (1000, 1000)


@settings(deadline=None)
@given(st.floats(-0.5, 299.5), st.floats(-0.5, 449.5))
def test_points_stay_inside_the_picture(row: float, column: float) -> None:
    x, y = SCALE.at((row, column))

    assert -0.5 <= x <= SCALE.columns - 0.5 + 1e-9
    assert -0.5 <= y <= SCALE.rows - 0.5 + 1e-9


def test_a_mask_keeps_its_share_of_the_picture() -> None:
    analysis = film(3200, 2400)
    heart = analysis.segmentation.mask("heart")

    (rows, columns), cover = shown_mask(heart, picture_scale(analysis), margin=3)

    assert cover.dtype == np.float32
    assert cover.shape == (rows.stop - rows.start, columns.stop - columns.start)
    assert cover.sum() / (1600 * 1200) == pytest.approx(heart.mean(), rel=1e-3)


@pytest.mark.parametrize("size", [(3211, 2407), (1200, 1000), (301, 453)])
@pytest.mark.parametrize("key", ["heart", "right_lung_field", "clavicle_right"])
def test_a_part_shows_the_mask_where_the_whole_picture_would(
    size: tuple[int, int], key: str
) -> None:
    analysis = film(*size)
    mask, scale = analysis.segmentation.mask(key), picture_scale(analysis)
    everywhere = Image.fromarray(mask.view(np.uint8) * np.uint8(255))
    method = Image.Resampling.BOX if scale.row < 1 else Image.Resampling.BICUBIC
    whole = np.asarray(everywhere.resize((scale.columns, scale.rows), method)) / 255

    part, cover = shown_mask(mask, scale, margin=4)

    # A source pixel on the border of two picture pixels may count for either; a shift by one whole
    # picture pixel would make a difference of 1 along the edges.
    assert np.abs(whole[part] - cover).max() < 0.35
    assert np.abs(whole[part] - cover).mean() < 0.002
    outside = whole.copy()
    outside[part] = 0
    assert outside.max() < 0.02


def test_a_mask_without_a_pixel_covers_nothing() -> None:
    _, cover = shown_mask(np.zeros((300, 450), dtype=bool), SCALE, margin=5)

    assert cover.size == 0


def test_dense_is_bright_and_outliers_do_not_flatten_the_picture() -> None:
    analysis = film(1000, 1000)
    pixels = analysis.image.pixels.copy()
    pixels[0, 0] = 1e6

    grey = grey_picture(pixels, picture_scale(analysis))

    assert grey.shape == (1000, 1000, 3)
    heart, lung = grey[620, 540, 0], grey[460, 290, 0]
    assert heart == 255
    assert lung < 100


def test_an_image_of_one_value_is_drawn() -> None:
    analysis = film(100, 100)
    flat = np.full((100, 100), 7, dtype=np.float32)

    assert np.ptp(grey_picture(flat, picture_scale(analysis))) == 0
