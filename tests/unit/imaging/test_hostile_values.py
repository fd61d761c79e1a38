"""Whatever bytes stand where an attribute is read, the answer is a value or a reason."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from service.errors import NotEligible, RejectedInstance
from service.imaging.age import patient_is_under_16
from service.imaging.eligibility import check_eligible
from service.imaging.geometry import pixel_spacing, spacing_oddities
from service.imaging.orientation import (
    is_other_view,
    orientation_oddities,
    patient_left_is_on_image_right,
    view_position,
)
from service.imaging.pixel_description import describe_pixels
from service.imaging.pixels import dense_is_bright
from service.imaging.read import reference_of
from tests.builders import build_dx, draw_chest

_READ = """
SOPClassUID StudyInstanceUID Modality ConversionType ImageType PatientSpeciesDescription
PatientSpeciesCodeSequence BodyPartExamined AnatomicRegionSequence ViewPosition ViewCodeSequence
PatientOrientation SeriesDescription PhotometricInterpretation SamplesPerPixel NumberOfFrames Rows
Columns BitsAllocated BitsStored HighBit PixelRepresentation PixelSpacing ImagerPixelSpacing
NominalScannedPixelSpacing PixelSpacingCalibrationType EstimatedRadiographicMagnificationFactor
DistanceSourceToDetector DistanceSourceToPatient PixelAspectRatio WindowCenter WindowWidth
VOILUTFunction VOILUTSequence ModalityLUTSequence RescaleSlope RescaleIntercept
PresentationLUTShape PixelIntensityRelationship PixelIntensityRelationshipSign
PresentationIntentType PixelPaddingValue PixelPaddingRangeLimit
"""
KEYWORDS = _READ.split()
VALUE_REPRESENTATIONS = [
    "CS",
    "DS",
    "IS",
    "LO",
    "US",
    "SS",
    "UL",
    "UI",
    "OW",
    "SQ",
    "UN",
    "FD",
    "PN",
]
READERS: list[Callable[[Dataset], object]] = [
    check_eligible,
    describe_pixels,
    reference_of,
    pixel_spacing,
    patient_is_under_16,
    spacing_oddities,
    view_position,
    is_other_view,
    patient_left_is_on_image_right,
    orientation_oddities,
]
ODD_VALUES = [b"", b"\0", b"\\", b"nan\\inf", b"-1\\1e400", b"1e-320", b"0\\0", b"\xff" * 8]
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom says what it repairs
hostile_elements = st.tuples(
    st.sampled_from(KEYWORDS),
    st.sampled_from([*VALUE_REPRESENTATIONS, None]),
    st.sampled_from(ODD_VALUES) | st.binary(max_size=16),
)


def with_elements(elements: list[tuple[str, str | None, bytes]]) -> Dataset:
    header = build_dx(PixelData=None)
    for keyword, vr, encoded in elements:
        tag = Tag(keyword)
        header[tag] = RawDataElement(
            tag, vr, len(encoded), encoded, 0, is_implicit_VR=vr is None, is_little_endian=True
        )
    return header


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.__name__)
@settings(max_examples=60)
@given(elements=st.lists(hostile_elements, min_size=1, max_size=4))
def test_each_reader_gives_an_answer_or_a_reason(
    reader: Callable[[Dataset], object], elements: list[tuple[str, str | None, bytes]]
) -> None:
    with contextlib.suppress(RejectedInstance, NotEligible):
        reader(with_elements(elements))


@settings(max_examples=60)
@given(elements=st.lists(hostile_elements, min_size=1, max_size=4))
def test_the_picture_stays_between_black_and_white(
    elements: list[tuple[str, str | None, bytes]],
) -> None:
    pixels, _oddities = dense_is_bright(draw_chest(16, 16), with_elements(elements))

    assert pixels.min() >= 0
    assert pixels.max() <= 1
