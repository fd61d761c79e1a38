import numpy as np
import pytest
from pydicom.dataset import Dataset

from service.domain.analysis import ObjectKind
from service.encoders.overlay import render_overlay
from service.encoders.registry import encode
from tests.builders import build_dx
from tests.headers import VIEWER, analysis_of


@pytest.fixture(scope="module")
def header() -> Dataset:
    return build_dx(PatientOrientation=["L", "F"])


@pytest.fixture(scope="module")
def made(header: Dataset) -> Dataset:
    return encode(ObjectKind.SC, analysis_of(header), header, VIEWER)


def test_the_picture_is_the_overlay(made: Dataset, header: Dataset) -> None:
    assert np.array_equal(made.pixel_array, render_overlay(analysis_of(header)))


def test_it_says_that_it_is_derived_and_that_text_is_burnt_in(made: Dataset) -> None:
    assert list(made.ImageType) == ["DERIVED", "SECONDARY"]
    assert (made.ConversionType, made.BurnedInAnnotation) == ("WSD", "YES")
    assert "not for diagnosis" in made.ImageComments


def test_nobody_can_measure_millimetres_on_it(made: Dataset) -> None:
    assert not {"PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"} & set(
        made.dir()
    )


def test_it_names_its_source(made: Dataset, header: Dataset) -> None:
    assert made.SourceImageSequence[0].ReferencedSOPInstanceUID == header.SOPInstanceUID
    assert list(made.PatientOrientation) == ["L", "F"]


def test_an_unknown_orientation_stays_unknown() -> None:
    header = build_dx(PatientOrientation=None)

    assert encode(ObjectKind.SC, analysis_of(header), header, VIEWER).PatientOrientation == ""
