"""The radiograph as a scene graph in JSON: places, what was measured there, what changed.

After the scene graphs of Chest ImaGenome (Wu et al. 2021): objects are the 29 anatomical locations
with their boxes, attributes are the measurements taken on them, relationships lead from a place
to the same place on the prior radiograph. docs/scene-graph.md describes every field.
"""

from service.domain.analysis import Analysis
from service.domain.location import Location
from service.domain.measurement import Measurement
from service.domain.prior import Change, Prior
from service.encoders.files import Json
from service.encoders.result_measurement import rounded

SCHEMA = "thorax-scene/1"


def scene_document(analysis: Analysis) -> Json:
    """Return the scene graph of one radiograph; boxes are in source pixels."""
    image = analysis.image
    return {
        "schema": SCHEMA,
        "image": {
            "sop_instance_uid": image.reference.sop_instance_uid,
            "view": str(image.view),
            "rows": image.rows,
            "columns": image.columns,
        },
        "objects": [_object(location) for location in analysis.locations],
        "attributes": [
            _attribute(location, measurement)
            for location in analysis.locations
            for measurement in _measured_on(location, analysis)
        ],
        "relationships": _relationships(analysis),
    }


def object_id(location: Location) -> str:
    """Return the location's identifier within its image."""
    return location.name.replace(" ", "_")


def _object(location: Location) -> Json:
    box = location.box
    return {
        "object_id": object_id(location),
        "name": location.name,
        "box": None if box is None else {"x1": box[1], "y1": box[0], "x2": box[3], "y2": box[2]},
        "segments": list(location.segments),
        "derived": not location.is_whole,
        "reason": location.reason,
    }


def _measured_on(location: Location, analysis: Analysis) -> tuple[Measurement, ...]:
    """Return the measurements taken on the structure that this location is as a whole."""
    if not location.is_whole or location.box is None:
        return ()
    return tuple(
        measurement
        for measurement in analysis.measurements
        if set(measurement.segments) & set(location.segments)
    )


def _attribute(location: Location, measurement: Measurement) -> Json:
    normal, value = measurement.normal, measurement.value
    return {
        "object_id": object_id(location),
        "measurement": measurement.key,
        "name": measurement.name,
        "status": str(measurement.status),
        "value": rounded(value),
        "unit": measurement.unit.value,
        "interval": [rounded(end) for end in measurement.interval or ()] or None,
        "normal_range": normal.position(value) if normal and value is not None else None,
        "reason": measurement.reason,
    }


def _relationships(analysis: Analysis) -> list[Json]:
    prior = analysis.prior
    if prior is None:
        return []
    changes = {change.key: change for change in analysis.changes}
    return [
        _relationship(location, changes[measurement.key], prior)
        for location in analysis.locations
        for measurement in _measured_on(location, analysis)
        if measurement.key in changes
    ]


def _relationship(location: Location, change: Change, prior: Prior) -> Json:
    return {
        "object_id": object_id(location),
        "prior_sop_instance_uid": prior.reference.sop_instance_uid,
        "measurement": change.key,
        "relation": str(change.relation) if change.relation else None,
        "before": rounded(change.before),
        "now": rounded(change.now),
        "difference": rounded(change.difference),
        "threshold": rounded(change.threshold),
    }
