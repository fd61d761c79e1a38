import subprocess
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from service.domain.analysis import ObjectKind
from service.encoders.files import write_dicom
from service.encoders.registry import encode
from tests.builders import build_dx
from tests.headers import VIEWER, analysis_of
from tests.peers import require


@pytest.fixture(scope="module")
def header() -> Dataset:
    return build_dx()


@pytest.fixture(scope="module")
def made(header: Dataset) -> Dataset:
    return encode(ObjectKind.GSPS, analysis_of(header), header, VIEWER)


def test_it_is_about_the_source_alone(made: Dataset, header: Dataset) -> None:
    (series,) = made.ReferencedSeriesSequence
    (image,) = series.ReferencedImageSequence

    assert series.SeriesInstanceUID == header.SeriesInstanceUID
    assert image.ReferencedSOPInstanceUID == header.SOPInstanceUID
    assert image.ReferencedSOPClassUID == header.SOPClassUID


def test_it_says_that_nobody_has_verified_it(made: Dataset) -> None:
    assert "not for diagnosis" in made.ContentDescription


def test_it_was_created_when_the_source_was(made: Dataset, header: Dataset) -> None:
    assert made.PresentationCreationDate == header.ContentDate
    assert made.PresentationCreationTime == header.ContentTime


def test_all_of_the_film_is_shown(made: Dataset, header: Dataset) -> None:
    (area,) = made.DisplayedAreaSelectionSequence

    assert list(area.DisplayedAreaTopLeftHandCorner) == [1, 1]
    assert list(area.DisplayedAreaBottomRightHandCorner) == [header.Columns, header.Rows]


def test_it_is_small(made: Dataset) -> None:
    buffer = BytesIO()
    made.save_as(buffer, enforce_file_format=True)

    assert buffer.tell() < 100_000


@pytest.mark.peer
def test_dcmtk_finds_nothing_wrong_with_it(made: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "state.dcm"
    write_dicom(made, path)

    checked = subprocess.run(
        [require("dcmpschk"), path], check=False, capture_output=True, text=True, timeout=60
    )

    assert checked.returncode == 0
    assert [line for line in checked.stderr.splitlines() if line.startswith(("E:", "F:"))] == []


def test_a_source_that_does_not_say_how_many_samples_it_has_is_drawn_on() -> None:
    header = build_dx(SamplesPerPixel=None, PhotometricInterpretation=None)

    made = encode(ObjectKind.GSPS, analysis_of(header), header, VIEWER)

    assert made.PresentationLUTShape == "IDENTITY"
    assert pydicom.uid.UID(made.SOPClassUID).name.startswith("Grayscale Softcopy")
