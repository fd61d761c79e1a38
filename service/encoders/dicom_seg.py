"""Segmentation -> DICOM SEG: every structure with its codes, colour and tracking identifiers.

Segments are described for every label of the model, numbered by their place in its label table,
so that a number means the same on every film; only structures that were found have a frame.
"""

from dataclasses import dataclass, replace

import highdicom as hd
from highdicom.color import CIELabColor
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

from service import __version__
from service.domain.analysis import Analysis, ObjectKind
from service.domain.image import PixelSpacing
from service.domain.segmentation import Laterality, Segment
from service.encoders import source_header
from service.encoders.coding import dicom_code
from service.encoders.derived_uids import (
    dimension_organization_uid,
    frame_of_reference_uid,
    object_identity,
    tracking_uid,
)
from service.encoders.equipment import (
    MANUFACTURER,
    NOT_FOR_DIAGNOSIS,
    UNVERIFIED,
    processing_equipment,
    segmentation_algorithm,
)
from service.encoders.registry import ENCODERS, EncodingOptions, SegForm, SegProfile
from service.encoders.segments import chosen
from service.encoders.series import complete, series_number

_SIDES = {Laterality.RIGHT: codes.SCT.Right, Laterality.LEFT: codes.SCT.Left}
# A projection has no thickness, but Pixel Measures in a frame of reference must state one.
_NOMINAL_THICKNESS_MM = 1.0
_ORIENTATION = [1, 0, 0, 0, 1, 0]
_POSITION = [0, 0, 0]
_NO_MILLIMETRES = f"{UNVERIFIED}; pixel size unknown: 1 mm means 1 pixel"
_BITS_IN_A_BYTE = 8
_FULL = 255


@ENCODERS.register(ObjectKind.SEG)
def encode_segmentation(analysis: Analysis, header: Dataset, options: EncodingOptions) -> Dataset:
    """Return a Segmentation with one frame for each structure that was found.

    Raises NothingToEncode when the model has no label of the profile.
    """
    if options.seg_form is SegForm.LABELMAP:
        raise ValueError("a LABELMAP is not encoded yet")
    segmentation = chosen(analysis.segmentation, options.segments)
    analysis = replace(analysis, segmentation=segmentation)
    source = _source(analysis, header, options)
    identity = object_identity(ObjectKind.SEG, analysis, options)
    form = _pixel_form(analysis, options)
    made = hd.seg.Segmentation(
        source_images=[source],
        # A view with the segments last, as highdicom wants it: each frame stays contiguous.
        pixel_array=analysis.segmentation.masks.transpose(1, 2, 0)[None],
        segment_descriptions=_descriptions(analysis),
        series_instance_uid=identity.series_instance_uid,
        series_number=series_number(ObjectKind.SEG, source),
        sop_instance_uid=identity.sop_instance_uid,
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=analysis.model.name,
        software_versions=__version__,
        device_serial_number=options.device_uid,
        content_label="CHEST_ANATOMY",
        content_description=NOT_FOR_DIAGNOSIS,
        contributing_equipment=[processing_equipment(analysis)],
        pixel_measures=_pixel_measures(analysis.image.spacing),
        fractional_type="OCCUPANCY",
        max_fractional_value=_FULL,
        segmentation_type=form.segmentation_type,
        transfer_syntax_uid=form.transfer_syntax_uid,
    )
    _settle(made, source, analysis.image.spacing)
    return complete(made, ObjectKind.SEG, analysis, source, options)


@dataclass(frozen=True, slots=True)
class _PixelForm:
    segmentation_type: str
    transfer_syntax_uid: str


def _pixel_form(analysis: Analysis, options: EncodingOptions) -> _PixelForm:
    if options.seg_form is SegForm.FRACTIONAL or (
        options.seg_form is SegForm.AUTOMATIC
        and options.seg_profile is SegProfile.VIEWER
        and _frames_begin_inside_a_byte(analysis)
    ):
        return _PixelForm("FRACTIONAL", options.seg_transfer_syntax_uid)
    return _PixelForm("BINARY", ExplicitVRLittleEndian)


def _frames_begin_inside_a_byte(analysis: Analysis) -> bool:
    """Return whether single-bit frames would share a byte, which web viewers misread.

    OHIF then shows every second frame shifted, without a word.
    """
    found = int(analysis.segmentation.masks.any(axis=(1, 2)).sum())
    aligned = analysis.image.rows * analysis.image.columns % _BITS_IN_A_BYTE == 0
    return found != 1 and not aligned  # highdicom writes every frame when none has a pixel


def _source(analysis: Analysis, header: Dataset, options: EncodingOptions) -> Dataset:
    """Return the header that highdicom copies from, with a plane as the profile wants it."""
    source = source_header.copyable_header(header, analysis.image.reference)
    source.Rows, source.Columns = analysis.image.rows, analysis.image.columns
    source.update(_pixel_measures(analysis.image.spacing)[0])
    if source_header.has_plane(source):
        return source
    source_header.remove_plane(source)
    if options.seg_profile is SegProfile.VIEWER:
        source.FrameOfReferenceUID = frame_of_reference_uid(analysis)
        source.PositionReferenceIndicator = ""
        source.ImageOrientationPatient = _ORIENTATION
        source.ImagePositionPatient = _POSITION
    return source


def _pixel_measures(spacing: PixelSpacing) -> hd.PixelMeasuresSequence:
    return hd.PixelMeasuresSequence(
        (spacing.row_mm or 1.0, spacing.column_mm or 1.0), _NOMINAL_THICKNESS_MM
    )


def _settle(made: Dataset, source: Dataset, spacing: PixelSpacing) -> None:
    """Fix what highdicom draws by lot, and claim no millimetres that nobody knows.

    OHIF breaks down on a plane without Pixel Measures, and those need a Pixel Spacing: without a
    known one, a plane is measured in pixels, 1 "mm" each, and Content Description says so.
    """
    made.PatientOrientation = source.PatientOrientation
    for item in (*made.DimensionOrganizationSequence, *made.DimensionIndexSequence):
        item.DimensionOrganizationUID = dimension_organization_uid()
    shared = made.SharedFunctionalGroupsSequence[0]
    shared.PixelMeasuresSequence[0].pop("SpacingBetweenSlices", None)
    if spacing.row_mm is None and "PlaneOrientationSequence" not in shared:
        del shared.PixelMeasuresSequence
    elif spacing.row_mm is None:
        made.ContentDescription = _NO_MILLIMETRES


def _descriptions(analysis: Analysis) -> list[hd.seg.SegmentDescription]:
    return [
        _description(number, segment, analysis)
        for number, segment in enumerate(analysis.segmentation.segments, start=1)
    ]


def _description(number: int, segment: Segment, analysis: Analysis) -> hd.seg.SegmentDescription:
    described = hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=segment.label,
        segmented_property_category=dicom_code(segment.category),
        segmented_property_type=dicom_code(segment.type),
        algorithm_type="AUTOMATIC",
        algorithm_identification=segmentation_algorithm(analysis, segment.key),
        tracking_uid=tracking_uid(analysis, segment.key),
        tracking_id=segment.key,
        display_color=CIELabColor.from_rgb(*segment.colour_rgb),
    )
    modifiers = [dicom_code(modifier) for modifier in segment.modifiers]
    if segment.laterality is not None:
        modifiers.append(_SIDES[segment.laterality])
    if modifiers:
        kind = described.SegmentedPropertyTypeCodeSequence[0]
        kind.SegmentedPropertyTypeModifierCodeSequence = [
            hd.sr.CodedConcept.from_code(modifier) for modifier in modifiers
        ]
    return described
