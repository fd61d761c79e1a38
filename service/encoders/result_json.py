"""The outcome of one instance as JSON: result.json, described by docs/result.schema.json."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from service.domain.analysis import Analysis, EncodedObject, Reason
from service.domain.identifiers import InstanceReference
from service.domain.image import NO_SPACING, SourceImage
from service.domain.job import JobState
from service.domain.measurement import Measurement, QualityCheck
from service.domain.model import ModelIdentity
from service.domain.segmentation import Code, Segment
from service.encoders.files import Json

SCHEMA = "thorax-result/1"
_DECIMALS = 4


def done_document(
    analysis: Analysis, objects: Sequence[EncodedObject], timings: Mapping[str, float]
) -> Json:
    """Return the document of an instance that was analysed; `timings` are seconds per stage."""
    return {
        "schema": SCHEMA,
        "source": _source(analysis.image.reference, analysis.image),
        "status": str(JobState.DONE),
        "reason": None,
        "model": _model(analysis.model),
        "segments": _segments(analysis),
        "measurements": [_measurement(measurement) for measurement in analysis.measurements],
        "quality": [_quality(check) for check in analysis.quality],
        "objects": [_object(encoded) for encoded in objects],
        "timings": {stage: round(seconds, 6) for stage, seconds in timings.items()},
    }


def ended_document(state: JobState, reason: Reason, reference: InstanceReference | None) -> Json:
    """Return the document of an instance that was skipped or rejected, or that is dead.

    `reference` is None when the file has no usable UIDs; every source field is then null.
    """
    return {
        "schema": SCHEMA,
        "source": _source(reference, None),
        "status": str(state),
        "reason": {"code": reason.code, "text": reason.text},
        "model": None,
        "segments": [],
        "measurements": [],
        "quality": [],
        "objects": [],
        "timings": {},
    }


def _source(reference: InstanceReference | None, image: SourceImage | None) -> Json:
    spacing = image.spacing if image else NO_SPACING
    return {
        "study_instance_uid": reference.study_instance_uid if reference else None,
        "series_instance_uid": reference.series_instance_uid if reference else None,
        "sop_instance_uid": reference.sop_instance_uid if reference else None,
        "sop_class_uid": reference.sop_class_uid if reference else None,
        "view": str(image.view) if image else None,
        "rows": image.rows if image else None,
        "columns": image.columns if image else None,
        "spacing": {
            "row_mm": _rounded(spacing.row_mm),
            "column_mm": _rounded(spacing.column_mm),
            "provenance": str(spacing.provenance),
        },
    }


def _model(model: ModelIdentity) -> Json:
    return {"name": model.name, "version": model.version, "sha256": model.sha256}


def _segments(analysis: Analysis) -> list[Json]:
    segmentation = analysis.segmentation
    described = zip(
        segmentation.segments, segmentation.masks, segmentation.probabilities, strict=True
    )
    return [
        _segment(segment, mask, analysis.image) | {"probability": _rounded(float(probability))}
        for segment, mask, probability in described
    ]


def _segment(segment: Segment, mask: NDArray[np.bool_], image: SourceImage) -> Json:
    pixels, spacing = int(np.count_nonzero(mask)), image.spacing
    known = spacing.row_mm is not None and spacing.column_mm is not None
    area = pixels * (spacing.row_mm or 0) * (spacing.column_mm or 0)
    return {
        "key": segment.key,
        "label": segment.label,
        "codes": {"category": _code(segment.category), "type": _code(segment.type)},
        "laterality": str(segment.laterality) if segment.laterality else None,
        "present": pixels > 0,
        "pixels": pixels,
        "area_mm2": _rounded(area) if known else None,
        "bbox": bounding_box(mask),
    }


def bounding_box(mask: NDArray[np.bool_]) -> list[int] | None:
    """Return [row0, col0, row1, col1], the second pair just outside (as a slice); None if empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return [int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1]


def _code(code: Code) -> Json:
    return {"value": code.value, "scheme": code.scheme, "meaning": code.meaning}


def _measurement(measurement: Measurement) -> Json:
    return {
        "key": measurement.key,
        "name": measurement.name,
        "code": _code(measurement.code),
        "status": str(measurement.status),
        "value": _rounded(measurement.value),
        "unit": measurement.unit.value,
        "reason": measurement.reason,
        "qualifier": measurement.qualifier,
        "segments": list(measurement.segments),
        "points": [[_rounded(row), _rounded(column)] for row, column in measurement.points],
    }


def _quality(check: QualityCheck) -> Json:
    value = check.value if isinstance(check.value, str) else _rounded(check.value)
    return {"check": check.check, "status": check.status, "value": value}


def _object(encoded: EncodedObject) -> Json:
    return {
        "kind": str(encoded.kind),
        "sop_class_uid": encoded.sop_class_uid,
        "sop_instance_uid": encoded.sop_instance_uid,
        "file": encoded.path.name,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), _DECIMALS)
