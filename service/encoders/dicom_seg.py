"""Segmentation -> DICOM SEG: every structure with its codes, colour and tracking identifiers.

Segments are described for every label that profile and model share, numbered by their place among
those, so that a number means the same on every film; only structures that were found have a frame.
"""

from collections.abc import Sequence
from typing import Any

import highdicom as hd
from highdicom.seg import SegmentationTypeValues
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from service import __version__
from service.domain.analysis import Analysis, ObjectKind
from service.domain.image import PixelSpacing
from service.encoders import source_header
from service.encoders.derived_uids import (
    ObjectIdentity,
    dimension_organization_uid,
    frame_of_reference_uid,
    layer_identity,
    object_identity,
)
from service.encoders.equipment import (
    MANUFACTURER,
    NOT_FOR_DIAGNOSIS,
    UNVERIFIED,
    processing_equipment,
)
from service.encoders.quick_segmentation import FULL, PixelForm, quick_segmentation
from service.encoders.registry import ENCODERS, EncodingOptions, SegForm, SegProfile
from service.encoders.segment_descriptions import descriptions
from service.encoders.segments import Described, described, layers
from service.encoders.series import complete, series_number

# A projection has no thickness, but Pixel Measures in a frame of reference must state one.
_NOMINAL_THICKNESS_MM = 1.0
_ORIENTATION = [1, 0, 0, 0, 1, 0]
_POSITION = [0, 0, 0]
_NO_MILLIMETRES = f"{UNVERIFIED}; pixel size unknown: 1 mm means 1 pixel"
_BITS_IN_A_BYTE = 8


@ENCODERS.register(ObjectKind.SEG)
def encode_segmentation(
    analysis: Analysis, header: Dataset, options: EncodingOptions
) -> tuple[Dataset, ...]:
    """Return one Segmentation, or the layers of a LABELMAP: each without overlap, in one series.

    Raises NothingToEncode when the model has no label of the profile.
    """
    structures = described(analysis.segmentation, options.segments)
    form = pixel_form(structures, options)
    identity = object_identity(ObjectKind.SEG, analysis, options)
    source = _source(analysis, header, options)
    labelmap = form.type is SegmentationTypeValues.LABELMAP
    groups = layers(structures) if labelmap else (structures,)
    made = []
    for number, group in enumerate(groups, start=1):
        arguments = _arguments(group, analysis, options, source)
        arguments |= _identifying(layer_identity(identity, number), number)
        segmentation = quick_segmentation(source, group, form, arguments)
        _settle(segmentation, source, analysis.image.spacing)
        made.append(complete(segmentation, ObjectKind.SEG, analysis, source, options))
    return tuple(made)


def _arguments(
    structures: Sequence[Described], analysis: Analysis, options: EncodingOptions, source: Dataset
) -> dict[str, Any]:
    return {
        "segment_descriptions": descriptions(structures, analysis),
        "series_number": series_number(ObjectKind.SEG, source),
        "manufacturer": MANUFACTURER,
        "manufacturer_model_name": analysis.model.name,
        "software_versions": __version__,
        "device_serial_number": options.device_uid,
        "content_label": "CHEST_ANATOMY",
        "content_description": NOT_FOR_DIAGNOSIS,
        "contributing_equipment": [processing_equipment(analysis)],
        "pixel_measures": _pixel_measures(analysis.image.spacing),
        "fractional_type": "OCCUPANCY",
        "max_fractional_value": FULL,
    }


def _identifying(identity: ObjectIdentity, number: int) -> dict[str, Any]:
    return {
        "series_instance_uid": identity.series_instance_uid,
        "sop_instance_uid": identity.sop_instance_uid,
        "instance_number": number,
    }


def pixel_form(structures: Sequence[Described], options: EncodingOptions) -> PixelForm:
    """Return how the pixels of these structures are held."""
    automatic = options.seg_form is SegForm.AUTOMATIC
    if options.seg_form is SegForm.LABELMAP:
        return PixelForm(SegmentationTypeValues.LABELMAP, options.seg_transfer_syntax_uid)
    if options.seg_form is SegForm.FRACTIONAL or (
        automatic
        and options.seg_profile is SegProfile.VIEWER
        and _frames_begin_inside_a_byte(structures)
    ):
        return PixelForm(SegmentationTypeValues.FRACTIONAL, options.seg_transfer_syntax_uid)
    deflated = DeflatedExplicitVRLittleEndian if options.deflate else ExplicitVRLittleEndian
    return PixelForm(SegmentationTypeValues.BINARY, deflated)


def _frames_begin_inside_a_byte(structures: Sequence[Described]) -> bool:
    """Return whether single-bit frames would share a byte, which web viewers misread.

    OHIF then shows every second frame shifted, without a word.
    """
    found = sum(each.is_found for each in structures)
    aligned = structures[0].mask.size % _BITS_IN_A_BYTE == 0
    frames = found or len(structures)  # highdicom writes every frame when none has a pixel
    return frames != 1 and not aligned


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
        item.DimensionOrganizationUID = dimension_organization_uid(made.SegmentationType)
    shared = made.SharedFunctionalGroupsSequence[0]
    shared.PixelMeasuresSequence[0].pop("SpacingBetweenSlices", None)
    if spacing.row_mm is None and "PlaneOrientationSequence" not in shared:
        del shared.PixelMeasuresSequence
    elif spacing.row_mm is None:
        made.ContentDescription = _NO_MILLIMETRES
