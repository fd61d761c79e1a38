"""Earlier results as they lie in the results folder: read leniently, they may be of any version."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydicom import Dataset, dcmread
from pydicom.errors import InvalidDicomError

from service.domain.analysis import Analysis
from service.domain.image import SpacingProvenance
from service.domain.measurement import Measurement, MeasurementStatus
from service.domain.superseded import SupersededObject

DECIMALS = 4
"""As result.json has them, so that a prior is the same whether it was read or measured again."""

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
    """Return what `analysis` measured in the same form as `stored_measurements` has it."""
    pairs = ((each, analysis.measurement(each.key)) for each in described_by)
    return tuple(
        _valued(each, other.value, other.interval, other.qualifier)
        for each, other in pairs
        if other is not None and other.value is not None and other.unit == each.unit
    )


def stored_objects(folder: Path) -> tuple[SupersededObject, ...]:
    """Return the objects that result.json in `folder` lists, as far as their files are there."""
    try:
        document = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        names = [Path(str(each["file"])).name for each in document["objects"]]
    except _UNREADABLE:
        return ()
    headers = (_header(folder / name) for name in names)
    return tuple(_object(header) for header in headers if header is not None)


def _stored(document: dict[str, Any] | None, now: Measurement) -> Measurement | None:
    if document is None or document["status"] != MeasurementStatus.MEASURED:
        return None
    if document["unit"] != now.unit.value or document["code"]["value"] != now.code.value:
        return None
    interval = document.get("interval")
    ends = (float(interval[0]), float(interval[1])) if interval else None
    return _valued(now, float(document["value"]), ends, document.get("qualifier"))


def _valued(
    now: Measurement, value: float, interval: tuple[float, float] | None, qualifier: str | None
) -> Measurement:
    """Return the measurement of another film: its value, and nothing that lies on this film."""
    return replace(
        now,
        status=MeasurementStatus.MEASURED,
        value=round(value, DECIMALS),
        interval=interval and (round(interval[0], DECIMALS), round(interval[1], DECIMALS)),
        qualifier=qualifier,
        reason=None,
        points=(),
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
