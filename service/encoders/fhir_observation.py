"""One measurement as an Observation, with the ImagingSelection that shows its line."""

from service.encoders.fhir_codes import (
    Json,
    Stored,
    concept,
    dcm,
    full_url,
    quantity,
    sop_class,
)
from service.encoders.fhir_context import Context

PRELIMINARY = "preliminary"
"""FHIR's word for what nobody has verified."""
_INTERPRETATIONS = {"below": ("L", "Low"), "within": ("N", "Normal"), "above": ("H", "High")}
_INTERPRETATION_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
_ABSENT_SYSTEM = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_LENGTH_OF_A_PAIR = 2


def observation(measurement: Stored, result: Stored, context: Context, device: str) -> Json:
    """Return the Observation; `device` is the URL of what measured."""
    made: Json = {
        "resourceType": "Observation",
        "status": PRELIMINARY,
        "code": concept(measurement["code"], measurement["name"]),
        "device": {"reference": device},
        **_shared(context),
    }
    if measurement.get("finding_site"):
        made["bodySite"] = concept(measurement["finding_site"])
    if context.effective is not None:
        made["effectiveDateTime"] = context.effective
    made |= _value(measurement) if measurement["value"] is not None else _absence(measurement)
    selections = [line_url(result, key) for key in lines_of(measurement, result)]
    selections += [segment_url(result, k) for k in measurement["segments"] if k in context.segments]
    if selections:
        made["derivedFrom"] = [{"reference": url} for url in selections]
    notes = [*_notes(measurement, result)]
    if notes:
        made["note"] = [{"text": note} for note in notes]
    return made


def line_selection(measurement: Stored, result: Stored, context: Context) -> Json:
    """Return the ImagingSelection of the line on the film that shows the measurement."""
    source, points = result["source"], measurement["points"]
    # FHIR counts as DICOM's Graphic Data do, from the corner; ours count from a pixel's centre.
    coordinates = [each for row, column in points for each in (column + 0.5, row + 0.5)]
    region = "polyline" if len(points) >= _LENGTH_OF_A_PAIR else "point"
    instance: Json = {
        "uid": source["sop_instance_uid"],
        "sopClass": sop_class(source["sop_class_uid"]),
        "imageRegion2D": [{"regionType": region, "coordinate": coordinates}],
    }
    return _selection(
        dcm("111030", "Image Region"), source["series_instance_uid"], instance, context
    )


def segment_selection(key: str, seg: Stored, context: Context) -> Json:
    """Return the ImagingSelection of one segment; `seg` is the SEG's entry among the objects."""
    instance: Json = {
        "uid": seg["sop_instance_uid"],
        "sopClass": sop_class(seg["sop_class_uid"]),
        "subset": [str(context.segments[key])],
    }
    code = dcm("121214", "Referenced Segmentation Frame")
    return _selection(code, context.seg_series_uid, instance, context)


def line_url(result: Stored, key: str) -> str:
    """Return the URL of a measurement's line."""
    return full_url("line", result["source"]["sop_instance_uid"], result["model"]["sha256"], key)


def segment_url(result: Stored, key: str) -> str:
    """Return the URL of a segment."""
    return full_url("segment", result["source"]["sop_instance_uid"], result["model"]["sha256"], key)


def _selection(code: Json, series_uid: str | None, instance: Json, context: Context) -> Json:
    made: Json = {
        "resourceType": "ImagingSelection",
        "status": "available",
        "code": code,
        "derivedFrom": [context.study],
        "studyUid": context.study["identifier"]["value"].removeprefix("urn:oid:"),
        "instance": [instance],
    }
    if series_uid is not None:
        made["seriesUid"] = series_uid
    if context.subject is not None:
        made["subject"] = context.subject
    return made


def _shared(context: Context) -> Json:
    made: Json = {}
    if context.subject is not None:
        made["subject"] = context.subject
    if context.order is not None:
        made["basedOn"] = [context.order]
    return made


def _value(measurement: Stored) -> Json:
    value, unit, normal = measurement["value"], measurement["unit"], measurement.get("normal")
    made: Json = {"valueQuantity": quantity(value, unit)}
    if measurement.get("interval"):
        low, high = (quantity(end, unit) for end in measurement["interval"])
        text = "Interval within which 95 % of repeated measurements of this film fall"
        made["component"] = [{"code": {"text": text}, "valueRange": {"low": low, "high": high}}]
    if normal:
        ends = {
            end: quantity(normal[end], unit) for end in ("low", "high") if normal[end] is not None
        }
        said = f"{normal['population']} ({normal['source']})"
        made["referenceRange"] = [{**ends, "text": said}]
        code, display = _INTERPRETATIONS[_position(value, normal)]
        kind = {"system": _INTERPRETATION_SYSTEM, "code": code, "display": display}
        made["interpretation"] = [{"coding": [kind]}]
    return made


def _position(value: float, normal: Stored) -> str:
    if normal["low"] is not None and value < normal["low"]:
        return "below"
    return "above" if normal["high"] is not None and value > normal["high"] else "within"


def _absence(measurement: Stored) -> Json:
    kind = {"system": _ABSENT_SYSTEM, "code": "not-performed", "display": "Not Performed"}
    return {"dataAbsentReason": {"coding": [kind], "text": measurement["reason"]}}


def lines_of(measurement: Stored, result: Stored) -> list[str]:
    """Return the key of the measurement whose line shows this one, if there is a line."""
    host = measurement.get("drawn_with")
    with_line = {each["key"] for each in result["measurements"] if each["points"]}
    return [key for key in (host or measurement["key"], measurement["key"]) if key in with_line][:1]


def _notes(measurement: Stored, result: Stored) -> list[str]:
    notes = [f"Pixel size: {measurement['qualifier']}"] if measurement["qualifier"] else []
    prior, change = result.get("prior"), measurement.get("change")
    if prior and change:
        relation = (change["relation"] or "not judged").replace("_", " ")
        notes.append(
            f"Compared with {change['before']} on the radiograph of {prior['acquired']} "
            f"(SOP Instance UID {prior['sop_instance_uid']}): difference "
            f"{change['difference']}, {relation}"
        )
    return notes
