from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from service.domain.image import NO_SPACING, SpacingProvenance, ViewPosition
from service.errors import NotEligible, RejectedInstance
from service.imaging.eligibility import check_eligible
from service.imaging.limits import DecodeLimits
from service.imaging.orientation import view_position
from service.imaging.raster import read_raster
from service.imaging.read import reference_of
from tests.builders import draw_chest

PA = ViewPosition.POSTERO_ANTERIOR
GREY = draw_chest(bits_stored=8)
HEART, LUNG = (58, 45), (45, 24)


def saved(path: Path, picture: Image.Image) -> Path:
    picture.save(path)
    return path


@pytest.mark.parametrize(
    ("name", "picture"),
    [
        ("8-bit.png", Image.fromarray(GREY)),
        ("16-bit.png", Image.fromarray(draw_chest().astype(np.uint16) * 16)),
        ("alpha.png", Image.fromarray(GREY).convert("LA")),
        ("grey.jpg", Image.fromarray(GREY)),
        ("grey-as-colour.jpg", Image.fromarray(GREY).convert("RGB")),
        ("palette.png", Image.fromarray(GREY).convert("P")),
        ("rgba.png", Image.fromarray(GREY).convert("RGBA")),
    ],
)
def test_grey_pictures_of_each_kind_are_read_as_they_are(
    tmp_path: Path, name: str, picture: Image.Image
) -> None:
    _header, image = read_raster(saved(tmp_path / name, picture), PA, None)

    assert image.pixels.shape == GREY.shape
    assert image.pixels[HEART] > image.pixels[LUNG]
    assert np.corrcoef(image.pixels.ravel(), GREY.ravel())[0, 1] > 0.99


def test_sixteen_bits_are_kept(tmp_path: Path) -> None:
    ramp = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) * 16

    _header, image = read_raster(saved(tmp_path / "x.png", Image.fromarray(ramp)), PA, None)

    assert len(np.unique(image.pixels)) == ramp.size


def test_the_made_up_header_passes_for_a_chest_radiograph(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.png", Image.fromarray(GREY))

    header, image = read_raster(path, ViewPosition.LATERAL, 0.3)

    check_eligible(header)
    assert image.reference == reference_of(header)
    assert view_position(header) is ViewPosition.LATERAL
    assert (header.Rows, header.Columns) == GREY.shape
    assert "PixelData" not in header


def test_the_callers_spacing_is_called_the_callers(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.png", Image.fromarray(GREY))

    assert read_raster(path, PA, None)[1].spacing == NO_SPACING
    spacing = read_raster(path, PA, 0.3)[1].spacing
    assert (spacing.row_mm, spacing.column_mm) == (0.3, 0.3)
    assert spacing.provenance is SpacingProvenance.CALLER


def test_the_same_file_view_and_spacing_are_the_same_instance(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.png", Image.fromarray(GREY))
    copy = saved(tmp_path / "another name.png", Image.fromarray(GREY))
    first = read_raster(path, PA, 0.2)[1].reference

    assert read_raster(copy, PA, 0.2)[1].reference == first
    assert read_raster(path, PA, 0.3)[1].reference != first
    assert read_raster(path, ViewPosition.UNKNOWN, 0.2)[1].reference != first


def test_a_colour_picture_is_left_alone(tmp_path: Path) -> None:
    colours = np.dstack([GREY, GREY // 2, GREY // 3])

    with pytest.raises(NotEligible) as caught:
        read_raster(saved(tmp_path / "x.png", Image.fromarray(colours)), PA, None)
    assert caught.value.code == "colour"


@pytest.mark.parametrize("damage", ["text", "cut", "gif"])
def test_what_is_no_whole_picture_is_called_so(tmp_path: Path, damage: str) -> None:
    path = saved(tmp_path / "x.png", Image.fromarray(GREY))
    if damage == "text":
        path.write_bytes(b"no picture")
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-60])
    else:
        saved(tmp_path / "x.gif", Image.fromarray(GREY)).replace(path)

    with pytest.raises(RejectedInstance) as caught:
        read_raster(path, PA, None)
    assert caught.value.code == "not_a_picture"


def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    path = saved(tmp_path / "x.png", Image.fromarray(GREY))

    with pytest.raises(RejectedInstance) as caught:
        read_raster(path, PA, None, DecodeLimits(pixels=GREY.size - 1))
    assert caught.value.code == "too_large"


def test_a_missing_file_is_an_error_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_raster(tmp_path / "absent.png", PA, None)
