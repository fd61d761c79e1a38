"""DICOM Segmentation to a label map: segments matched by label, then by code."""

from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import SimpleITK as sitk  # noqa: N813 - its usual name

from training.ingest.classes import ids_by_code, ids_by_name
from training.ingest.refusal import Reason, Refused
from training.ingest.scan import Labels, plain_text


def read_segmentation(path: Path) -> Labels | None:
    """The segments that are structures, or None where none is; raises Refused when unreadable."""
    try:
        return _labels(highdicom.seg.segread(str(path)))
    except Exception as error:  # the edge to files of any content
        raise Refused(Reason.LABELS_UNREADABLE, f"SEG: {type(error).__name__}") from error


def _labels(segmentation: Any) -> Labels | None:  # noqa: ANN401 - highdicom is untyped here
    matched = {
        n: _class_id(segmentation.get_segment_description(n)) for n in _numbers(segmentation)
    }
    known = {number: found for number, found in matched.items() if found is not None}
    if not known:
        return None
    volume = segmentation.get_volume(
        segment_numbers=sorted(known), combine_segments=True, skip_overlap_checks=True
    )
    table = np.zeros(max(known) + 1, np.uint8)
    table[list(known)] = list(known.values())
    who = plain_text(segmentation.get("Manufacturer")) or "not stated"
    unknown = len(matched) - len(known)
    notes = (f"{unknown} segments are no structure of the table",) if unknown else ()
    return Labels(
        _image(table[volume.array], volume.affine),
        f"DICOM SEG, {who}",
        frozenset(known.values()),
        notes,
    )


def _numbers(segmentation: Any) -> list[int]:  # noqa: ANN401
    return [int(number) for number in segmentation.segment_numbers]


def _class_id(segment: Any) -> int | None:  # noqa: ANN401
    label = str(segment.segment_label).strip().casefold().replace(" ", "_")
    named = next((number for name, number in ids_by_name().items() if name.casefold() == label), 0)
    if named:
        return named
    modifiers = segment.get("SegmentedPropertyTypeCodeSequence", [None])[0]
    code = "" if modifiers is None else str(modifiers.get("CodeValue", ""))
    sides = modifiers.get("SegmentedPropertyTypeModifierCodeSequence", []) if modifiers else []
    return ids_by_code().get((code, str(sides[0].CodeValue) if sides else ""))


def _image(array: Any, affine: Any) -> Any:  # noqa: ANN401
    """Highdicom's affine maps (slice, row, column) to LPS; SimpleITK wants columns first."""
    columns = np.asarray(affine)[:3, [2, 1, 0]]
    spacing = np.linalg.norm(columns, axis=0)
    image: Any = sitk.GetImageFromArray(np.ascontiguousarray(array))
    image.SetOrigin(np.asarray(affine)[:3, 3].tolist())
    image.SetSpacing(spacing.tolist())
    image.SetDirection((columns / spacing).ravel().tolist())
    return image
