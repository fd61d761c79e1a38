"""The outcome of one instance as JSON: result.json, described by docs/result.schema.json."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from service.domain.analysis import Analysis, EncodedObject, Reason
from service.domain.identifiers import InstanceReference
from service.domain.image import NO_SPACING, SourceImage
from service.domain.job import JobState
from service.domain.model import ModelIdentity
from service.domain.prior import Prior
from service.domain.segmentation import Segment
from service.domain.superseded import Superseded
from service.encoders.files import Json
from service.encoders.result_measurement import (
    check_json,
    code_json,
    measurement_json,
    rounded,
)

SCHEMA = "thorax-result/2"


def done_document(
    analysis: Analysis, objects: Sequence[EncodedObject], timings: Mapping[str, float]
) -> Json:
    """Return the document of an instance that was analysed; `timings` are seconds per stage."""
    changes = {change.key: change for change in analysis.changes}
    return {
        "schema": SCHEMA,
        "source": _source(analysis.image.reference, analysis.image),
        "status": str(JobState.DONE),
        "reason": None,
        "model": _model(analysis.model),
        "segments": _segments(analysis),
        "measurements": [measurement_json(m, changes.get(m.key)) for m in analysis.measurements],
        "quality": [check_json(check) for check in analysis.quality],
        "prior": _prior(analysis.prior),
        "prior_reason": _reason(analysis.prior_reason),
        "superseded": _superseded(analysis.superseded),
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
        "reason": _reason(reason),
        "model": None,
        "segments": [],
        "measurements": [],
        "quality": [],
        "prior": None,
        "prior_reason": None,
        "superseded": None,
        "objects": [],
        "timings": {},
    }


def _source(reference: InstanceReference | None, image: SourceImage | None) -> Json:
    spacing = image.spacing if image else NO_SPACING
    return {
        **_reference(reference),
        "view": str(image.view) if image else None,
        "rows": image.rows if image else None,
        "columns": image.columns if image else None,
        "spacing": {
            "row_mm": rounded(spacing.row_mm),
            "column_mm": rounded(spacing.column_mm),
            "provenance": str(spacing.provenance),
        },
    }


def _reference(reference: InstanceReference | None) -> Json:
    return {
        "study_instance_uid": reference.study_instance_uid if reference else None,
        "series_instance_uid": reference.series_instance_uid if reference else None,
        "sop_instance_uid": reference.sop_instance_uid if reference else None,
        "sop_class_uid": reference.sop_class_uid if reference else None,
    }


def _model(model: ModelIdentity) -> Json:
    return {"name": model.name, "version": model.version, "sha256": model.sha256}


def _segments(analysis: Analysis) -> list[Json]:
    segmentation = analysis.segmentation
    described = zip(
        segmentation.segments, segmentation.masks, segmentation.probabilities, strict=True
    )
    return [
        _segment(segment, mask, analysis.image) | {"probability": rounded(float(probability))}
        for segment, mask, probability in described
    ]


def _segment(segment: Segment, mask: NDArray[np.bool_], image: SourceImage) -> Json:
    pixels, spacing = int(np.count_nonzero(mask)), image.spacing
    known = spacing.row_mm is not None and spacing.column_mm is not None
    area = pixels * (spacing.row_mm or 0) * (spacing.column_mm or 0)
    return {
        "key": segment.key,
        "label": segment.label,
        "codes": {"category": code_json(segment.category), "type": code_json(segment.type)},
        "laterality": str(segment.laterality) if segment.laterality else None,
        "present": pixels > 0,
        "pixels": pixels,
        "area_mm2": rounded(area) if known else None,
        "bbox": bounding_box(mask),
    }


def bounding_box(mask: NDArray[np.bool_]) -> list[int] | None:
    """Return [row0, col0, row1, col1], the second pair just outside (as a slice); None if empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return [int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1]


def _prior(prior: Prior | None) -> Json | None:
    """Return which earlier image the values are compared with."""
    if prior is None:
        return None
    return {
        **_reference(prior.reference),
        "acquired": prior.acquired,
        "view": str(prior.view),
        "source": prior.source,
        "spacing_provenance": str(prior.spacing),
        "model": _model(prior.model),
    }


def _superseded(superseded: Superseded | None) -> Json | None:
    if superseded is None:
        return None
    return {
        "model": _model(superseded.model),
        "objects": [
            {
                "sop_class_uid": each.sop_class_uid,
                "series_instance_uid": each.series_instance_uid,
                "sop_instance_uid": each.sop_instance_uid,
            }
            for each in superseded.objects
        ],
    }


def _reason(reason: Reason | None) -> Json | None:
    return None if reason is None else {"code": reason.code, "text": reason.text}


def _object(encoded: EncodedObject) -> Json:
    return {
        "kind": str(encoded.kind),
        "sop_class_uid": encoded.sop_class_uid,
        "sop_instance_uid": encoded.sop_instance_uid,
        "file": encoded.path.name,
    }
