"""Why each value of a result is what it is: its definition, masks, points, gates and provenance.

Everything is taken from the stored result and the definitions of this version; nothing is
measured again. docs/api.md shows the document.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from service import measurements
from service.domain.gate import ALWAYS, Gate
from service.domain.job import JobState
from service.measurements.registry import MEASUREMENTS, Definition
from service.plugins import load

SCHEMA = "thorax-explanation/1"
Result = Mapping[str, Any]


def explanation(result: Result) -> dict[str, Any]:
    """Return the explanation of a result.json; one that was refused is explained by its reason."""
    load(measurements)
    return {
        "schema": SCHEMA,
        "status": result["status"],
        "reason": result["reason"],
        "source": result["source"],
        "model": result["model"],
        "checks": result["quality"],
        "not_asked": _not_asked(result),
        "prior": result.get("prior"),
        "measurements": [_explained(measurement, result) for measurement in result["measurements"]],
        "objects": result["objects"],
    }


def definition_of(key: str) -> Definition | None:
    """Return the definition behind a measurement's key; None when this version has none.

    A measurement with several values has keys such as `lung_area_right`.
    """
    load(measurements)
    names = [name for name, _ in MEASUREMENTS if key == name or key.startswith(f"{name}_")]
    return MEASUREMENTS.get(max(names, key=len)) if names else None


def _not_asked(result: Result) -> list[str]:
    """Return the gates that nobody answered: no limit in the package, or nothing to judge by."""
    if result["status"] != JobState.DONE:
        return []
    asked = {check["check"] for check in result["quality"]}
    return [gate.value for gate in Gate if gate not in asked]


def _explained(measurement: Result, result: Result) -> dict[str, Any]:
    definition = definition_of(measurement["key"])
    own = (*ALWAYS, *definition.gates) if definition else ALWAYS
    gates = set(measurement.get("gates", own))
    return {
        **measurement,
        "definition": _definition(definition) if definition else None,
        "structures": _used(result["segments"], measurement["segments"]),
        "checks": [check for check in result["quality"] if check["check"] in gates],
    }


def _definition(definition: Definition) -> dict[str, Any]:
    return {
        "text": definition.definition,
        "formula": definition.formula,
        "source": definition.source,
        "views": [str(view) for view in definition.views],
    }


def _used(segments: Sequence[Result], keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return the structures that a value was derived from, with what was found of each."""
    found = {segment["key"]: segment for segment in segments}
    return [_structure(key, found.get(key)) for key in keys]


def _structure(key: str, segment: Result | None) -> dict[str, Any]:
    if segment is None:
        return {"key": key, "present": False, "reason": "the model has no such label"}
    wanted = ("label", "present", "pixels", "area_mm2", "bbox", "probability")
    return {"key": key, **{name: segment[name] for name in wanted}}
