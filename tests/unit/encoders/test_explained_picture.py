"""One measurement is drawn from what a result stores."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from service.encoders.explained_picture import FILM, explained_picture, write_film
from service.encoders.files import write_json, write_masks
from service.encoders.picture import picture_scale
from service.encoders.result_json import done_document
from service.errors import MissingSegment
from tests.phantoms import phantom_analysis


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    analysis = phantom_analysis()
    write_film(analysis, tmp_path / FILM)
    write_masks(analysis.segmentation, tmp_path / "masks.npz")
    write_json(done_document(analysis, (), {}), tmp_path / "result.json")
    return tmp_path


def picture(folder: Path, key: str) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(explained_picture(folder, key))))


def test_the_film_has_the_size_of_the_overlay(folder: Path) -> None:
    scale = picture_scale(phantom_analysis())

    with Image.open(folder / FILM) as film:
        assert film.size == (scale.columns, scale.rows)


def test_the_line_is_drawn_where_the_points_are(folder: Path) -> None:
    analysis = phantom_analysis()
    width = analysis.measurement("thoracic_width")
    assert width is not None
    (row, low), (_, high) = width.points
    scale = picture_scale(analysis)
    x, y = scale.at((row, (low + high) / 2))

    drawn = picture(folder, "thoracic_width")
    other = picture(folder, "cardiac_width")

    around = (slice(round(y) - 1, round(y) + 2), slice(round(x) - 3, round(x) + 4))
    assert drawn[around].min(axis=2).max() > 200
    assert not np.array_equal(drawn[around], other[around])


def test_only_the_structures_of_the_measurement_are_drawn(folder: Path) -> None:
    analysis = phantom_analysis()
    scale = picture_scale(analysis)
    clavicle = analysis.segmentation.mask("clavicle_right")
    rows, columns = np.nonzero(clavicle)
    x, y = scale.at((float(rows.mean()), float(columns.mean())))

    drawn = picture(folder, "cardiac_width")[round(y), round(x)].astype(int)

    assert np.ptp(drawn) == 0  # grey: the clavicle's colour is not there


def test_a_measurement_that_the_result_lacks_is_named(folder: Path) -> None:
    with pytest.raises(MissingSegment, match="shoe_size"):
        explained_picture(folder, "shoe_size")


def test_the_same_files_give_the_same_picture(folder: Path) -> None:
    assert explained_picture(folder, "cardiac_width") == explained_picture(folder, "cardiac_width")
