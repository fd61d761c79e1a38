"""Earlier results as they lie in the results folder: read leniently, they may be of any version."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError

from service.domain.analysis import Analysis
from service.domain.image import SpacingProvenance
from service.domain.measurement import Measurement, MeasurementStatus
from service.domain.superseded import SupersededObject
from service.encoders.result_measurement import measurement_json

_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError)


def stored_measurements(
    folder: Path, described_by: Iterable[Measurement]
) -> tuple[tuple[Measurement, ...], SpacingProvenance] | None:
    """Return what result.json in `folder` measured, and where its millimetres come from.

    Each value is put into the measurement of the same key, code and unit in `described_by`; what
    is not there cannot be compared and is left out. None when there is no readable result.
    """
    try:
        document = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        provenance = SpacingProvenance(document["source"]["spacing"]["provenance"])
        values = {each["key"]: each for each in document["measurements"]}
        found = [_stored(values.get(each.key), each) for each in described_by]
    except _UNREADABLE:
        return None
    return tuple(each for each in found if each is not None), provenance


def measured_values(
    analysis: Analysis, described_by: Iterable[Measurement]
) -> tuple[Measurement, ...]:
    """Return what `analysis` measured, just as `stored_measurements` would read it.

    So a prior is the same, to the last digit, whether it was read or measured again.
    """
    documents = {each.key: measurement_json(each, None) for each in analysis.measurements}
    found = (_stored(documents.get(each.key), each) for each in described_by)
    return tuple(each for each in found if each is not None)


def stored_objects(folder: Path) -> tuple[SupersededObject, ...]:
    """Return the objects that result.json in `folder` lists, as far as their files are there."""
    try:
        document = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        names = [Path(str(each["file"])).name for each in document["objects"]]
    except _UNREADABLE:
        return ()
    headers = (_header(folder / name) for name in names)
    return tuple(_object(header) for header in headers if header is not None)


def _stored(document: Mapping[str, Any] | None, now: Measurement) -> Measurement | None:
    if document is None or document["status"] != MeasurementStatus.MEASURED:
        return None
    if document["unit"] != now.unit.value or document["code"]["value"] != now.code.value:
        return None
    interval = document.get("interval")
    ends = (float(interval[0]), float(interval[1])) if interval else None
    return replace(
        now,
        status=MeasurementStatus.MEASURED,
        value=float(document["value"]),
        interval=ends,
        qualifier=document.get("qualifier"),
        reason=None,
        points=(),  # where it lies on another film says nothing on this one
        aids=(),
    )


def _header(path: Path) -> Dataset | None:
    try:
        return dcmread(path, stop_before_pixels=True, specific_tags=list(_WANTED))
    except (*_UNREADABLE, InvalidDicomError):
        return None


_WANTED = ("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID")


def _object(header: Dataset) -> SupersededObject:
    return SupersededObject(*(str(header[keyword].value) for keyword in _WANTED))
