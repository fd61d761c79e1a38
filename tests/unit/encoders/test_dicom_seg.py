from dataclasses import replace

import highdicom as hd
import numpy as np
import pytest
from highdicom.color import CIELabColor
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, RLELossless

from service.domain.analysis import Analysis, ObjectKind
from service.domain.image import NO_SPACING, PixelSpacing, SpacingProvenance
from service.domain.segmentation import Laterality, Segmentation
from service.encoders.derived_uids import tracking_uid
from service.encoders.registry import EncodingOptions, encode
from tests.builders import build_dx
from tests.headers import STRICT, VIEWER, analysis_of
from tests.phantoms import RUNTIME, SEGMENTS, phantom_analysis

ALIGNED, UNALIGNED = (64, 48), (63, 47)
assert ALIGNED[0] * ALIGNED[1] % 8 == 0
assert UNALIGNED[0] * UNALIGNED[1] % 8 != 0


def film(size: tuple[int, int] = ALIGNED, **keywords: object) -> Dataset:
    return build_dx(np.zeros(size, dtype=np.uint16), **keywords)


def encoded(
    options: EncodingOptions = VIEWER, size: tuple[int, int] = ALIGNED
) -> tuple[Dataset, Analysis]:
    header = film(size)
    analysis = analysis_of(header)
    return encode(ObjectKind.SEG, analysis, header, options), analysis


def masks_read_back(made: Dataset) -> NDArray[np.bool_]:
    """The masks as highdicom reads them: (segments, rows, columns), empty ones included."""
    seg = hd.seg.Segmentation.from_dataset(made)
    numbers = list(range(1, len(made.SegmentSequence) + 1))
    source = made.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
    planes = seg.get_pixels_by_source_instance(
        [source.ReferencedSOPInstanceUID],
        segment_numbers=numbers,
        rescale_fractional=True,
        ignore_spatial_locations=True,
    )
    masks: NDArray[np.bool_] = np.moveaxis(planes[0], -1, 0) > 0
    return masks


@pytest.mark.parametrize("options", [VIEWER, STRICT], ids=["viewer", "strict"])
@pytest.mark.parametrize("size", [ALIGNED, UNALIGNED], ids=["whole bytes", "odd size"])
def test_masks_are_read_back_as_they_went_in(
    options: EncodingOptions, size: tuple[int, int]
) -> None:
    made, analysis = encoded(options, size)

    assert np.array_equal(masks_read_back(made), analysis.segmentation.masks)


@settings(max_examples=40, deadline=None)
@given(
    arrays(
        bool, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9).map(lambda s: (3, *s))
    )
)
def test_any_masks_are_read_back_as_they_went_in(masks: NDArray[np.bool_]) -> None:
    header = film(masks.shape[1:])
    segmentation = Segmentation(SEGMENTS[:3], masks, np.ones(3, dtype=np.float32))
    image = replace(phantom_analysis(8, 8).image, pixels=masks[0].astype(np.float32))
    analysis = replace(phantom_analysis(), image=image, segmentation=segmentation)

    made = encode(ObjectKind.SEG, analysis, header, VIEWER)

    assert np.array_equal(masks_read_back(made), masks)


def test_only_an_odd_size_is_written_in_whole_bytes_and_only_for_viewers() -> None:
    kinds = {
        (options.seg_profile, size): encoded(options, size)[0].SegmentationType
        for options in (VIEWER, STRICT)
        for size in (ALIGNED, UNALIGNED)
    }

    assert kinds.pop((VIEWER.seg_profile, UNALIGNED)) == "FRACTIONAL"
    assert set(kinds.values()) == {"BINARY"}


def test_the_fractional_form_knows_only_nothing_and_all() -> None:
    made, _ = encoded(VIEWER, UNALIGNED)

    assert set(np.unique(made.pixel_array)) == {0, made.MaximumFractionalValue}
    assert made.BitsAllocated == 8


def test_the_fractional_form_is_run_length_encoded() -> None:
    made, analysis = encoded(VIEWER, UNALIGNED)

    assert made.file_meta.TransferSyntaxUID == RLELossless
    assert np.array_equal(masks_read_back(made), analysis.segmentation.masks)


def test_single_bits_are_deflated_where_compression_is_asked_for() -> None:
    header = film()
    analysis = analysis_of(header)
    plain, compressed = (
        encode(ObjectKind.SEG, analysis, header, replace(VIEWER, deflate=deflate))
        for deflate in (False, True)
    )

    assert compressed.SegmentationType == "BINARY"
    assert compressed.file_meta.TransferSyntaxUID == DeflatedExplicitVRLittleEndian
    assert list(compressed) == list(plain)
    assert np.array_equal(masks_read_back(compressed), analysis.segmentation.masks)


def test_every_label_is_described_and_only_found_ones_have_a_frame() -> None:
    made, analysis = encoded()
    framed = [
        frame.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        for frame in made.PerFrameFunctionalGroupsSequence
    ]
    found = np.asarray(analysis.segmentation.masks.any(axis=(1, 2)))

    assert [s.SegmentNumber for s in made.SegmentSequence] == [s.number for s in SEGMENTS]
    assert framed == [s.number for s, has in zip(SEGMENTS, found.tolist(), strict=True) if has]
    assert not found.all()


def test_a_segment_says_what_it_is_whose_side_and_in_which_colour() -> None:
    made, analysis = encoded()
    for item, segment in zip(made.SegmentSequence, SEGMENTS, strict=True):
        kind = item.SegmentedPropertyTypeCodeSequence[0]
        lab = CIELabColor.from_dicom_value(item.RecommendedDisplayCIELabValue)
        assert item.SegmentLabel == segment.label
        assert item.SegmentedPropertyCategoryCodeSequence[0].CodeValue == "91723000"
        assert kind.CodeValue == segment.type.value
        assert (
            sides(kind)
            == {
                None: [],
                Laterality.RIGHT: ["24028007"],
                Laterality.LEFT: ["7771000"],
            }[segment.laterality]
        )
        assert np.allclose(lab.to_rgb(), segment.colour_rgb, atol=2)
        assert (item.TrackingID, item.TrackingUID) == (
            segment.key,
            tracking_uid(analysis, segment.key),
        )


def sides(kind: Dataset) -> list[str]:
    return [code.CodeValue for code in kind.get("SegmentedPropertyTypeModifierCodeSequence", [])]


def test_segments_name_the_model_and_its_weights() -> None:
    made, analysis = encoded()

    for item in made.SegmentSequence:
        algorithm = item.SegmentationAlgorithmIdentificationSequence[0]
        assert item.SegmentAlgorithmType == "AUTOMATIC"
        assert algorithm.AlgorithmName == analysis.model.name
        assert analysis.model.sha256 in algorithm.AlgorithmParameters
        assert RUNTIME.library in algorithm.AlgorithmParameters
        assert RUNTIME.provider in algorithm.AlgorithmParameters
        assert ("threshold=0.45" in algorithm.AlgorithmParameters) is (item.TrackingID == "heart")


def test_overlapping_structures_are_declared() -> None:
    assert encoded()[0].SegmentsOverlap == "YES"


def test_the_viewer_profile_has_a_plane_of_its_own() -> None:
    made, analysis = encoded(VIEWER)
    shared = made.SharedFunctionalGroupsSequence[0]
    measures = shared.PixelMeasuresSequence[0]

    assert made.FrameOfReferenceUID
    assert shared.PlaneOrientationSequence[0].ImageOrientationPatient == [1, 0, 0, 0, 1, 0]
    assert measures.PixelSpacing == [0.2, 0.2]
    assert measures.SliceThickness == 1
    for frame in made.PerFrameFunctionalGroupsSequence:
        assert frame.PlanePositionSequence[0].ImagePositionPatient == [0, 0, 0]
        source = frame.DerivationImageSequence[0].SourceImageSequence[0]
        assert source.SpatialLocationsPreserved == "YES"
        assert source.ReferencedSOPInstanceUID == analysis.image.reference.sop_instance_uid


def test_the_strict_profile_has_no_frame_of_reference() -> None:
    made, _ = encoded(STRICT)

    assert "FrameOfReferenceUID" not in made
    assert "PlaneOrientationSequence" not in made.SharedFunctionalGroupsSequence[0]
    assert list(made.PatientOrientation) == ["L", "F"]


def test_without_a_spacing_the_strict_profile_writes_no_millimetre() -> None:
    header = film()
    made = encode(ObjectKind.SEG, analysis_of(header, NO_SPACING), header, STRICT)

    assert "PixelMeasuresSequence" not in made.SharedFunctionalGroupsSequence[0]
    assert "PixelSpacing" not in made


def test_without_a_spacing_the_viewer_profile_counts_pixels_and_says_so() -> None:
    """OHIF shows a black page for the whole study when Pixel Measures are missing."""
    header = film()
    made = encode(ObjectKind.SEG, analysis_of(header, NO_SPACING), header, VIEWER)
    measures = made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]

    assert measures.PixelSpacing == [1, 1]
    assert "pixel size unknown" in made.ContentDescription
    assert len(made.ContentDescription) <= 64


def test_the_spacing_is_the_resolved_one_not_the_header_s() -> None:
    header = film(PixelSpacing=[0.5, 0.5])
    resolved = PixelSpacing(0.1234567891234, 0.3, SpacingProvenance.MAGNIFICATION_CORRECTED)

    made = encode(ObjectKind.SEG, analysis_of(header, resolved), header, VIEWER)

    spacing = made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing
    assert np.allclose([float(value) for value in spacing], [0.1234567891234, 0.3])
    assert all(len(str(value)) <= 16 for value in spacing)


@pytest.mark.parametrize("options", [VIEWER, STRICT], ids=["viewer", "strict"])
def test_a_plane_that_the_source_has_is_kept(options: EncodingOptions) -> None:
    header = film(
        FrameOfReferenceUID="1.2.3.4",
        ImagePositionPatient=[10, 20, 30],
        ImageOrientationPatient=[1, 0, 0, 0, 0, -1],
    )

    made = encode(ObjectKind.SEG, analysis_of(header), header, options)

    frame = made.PerFrameFunctionalGroupsSequence[0]
    assert made.FrameOfReferenceUID == "1.2.3.4"
    assert frame.PlanePositionSequence[0].ImagePositionPatient == [10, 20, 30]


def test_a_frame_of_reference_without_a_position_is_not_kept() -> None:
    header = film(FrameOfReferenceUID="1.2.3.4")

    assert "FrameOfReferenceUID" not in encode(ObjectKind.SEG, analysis_of(header), header, STRICT)


@pytest.mark.parametrize("size", [ALIGNED, UNALIGNED], ids=["whole bytes", "odd size"])
def test_nothing_found_is_written_as_empty_frames(size: tuple[int, int]) -> None:
    header = film(size)
    analysis = analysis_of(header)
    nothing = replace(analysis.segmentation, masks=np.zeros_like(analysis.segmentation.masks))

    made = encode(ObjectKind.SEG, replace(analysis, segmentation=nothing), header, VIEWER)

    assert not masks_read_back(made).any()


def test_the_source_series_is_referenced_for_viewers_to_find() -> None:
    made, analysis = encoded()

    (series,) = made.ReferencedSeriesSequence
    assert series.SeriesInstanceUID == analysis.image.reference.series_instance_uid
    assert made.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian


@given(st.integers(0, 3))
@settings(max_examples=4, deadline=None)
def test_frames_are_counted_by_what_was_found(found: int) -> None:
    analysis = phantom_analysis(*ALIGNED)
    masks = np.zeros((3, *ALIGNED), dtype=bool)
    masks[:found, :4, :4] = True
    segmentation = Segmentation(SEGMENTS[:3], masks, np.ones(3, dtype=np.float32))

    made = encode(ObjectKind.SEG, replace(analysis, segmentation=segmentation), film(), VIEWER)

    assert made.NumberOfFrames == (found or 3)
