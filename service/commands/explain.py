"""`thorax explain`: why each value of a job's result is what it is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from service.encoders.explained_picture import FILM, explained_picture
from service.explaining import Result, explanation
from service.settings import Settings, SettingsError

_STATUS_STYLES = {"passed": "green", "warning": "yellow", "failed": "red"}


def result_of(job: str, settings: Settings) -> Result:
    """Return the result.json of a job id, or of a folder that holds one; raises SettingsError."""
    text = (folder_of(job, settings) / "result.json").read_text(encoding="utf-8")
    found: Result = json.loads(text)
    return found


def folder_of(job: str, settings: Settings) -> Path:
    """Return the results folder of a job id, or the folder itself; raises SettingsError."""
    for candidate in (settings.home / "results" / job, Path(job)):
        if (candidate / "result.json").is_file():
            return candidate
    raise SettingsError(
        f"there is no result of {job!r}: give a job id of this home, or a folder with a result.json"
    )


def draw(job: str, measurement: str, picture: Path, settings: Settings) -> None:
    """Draw one measurement on its film into the PNG file `picture`."""
    folder = folder_of(job, settings)
    if not (folder / FILM).is_file():
        raise SettingsError(f"{folder} has no {FILM}: it was made by an earlier version")
    picture.write_bytes(explained_picture(folder, measurement))


def explain(job: str, wanted: str | None, settings: Settings, console: Console) -> int:
    """Print the explanation of a job, of one measurement when `wanted` names it; 1 if unknown."""
    told = explanation(result_of(job, settings))
    shown = [m for m in told["measurements"] if wanted in {None, m["key"]}]
    if wanted is not None and not shown:
        known = ", ".join(m["key"] for m in told["measurements"]) or "none"
        console.print(f"there is no measurement {wanted!r}; there are: {known}", style="red")
        return 1
    console.print(_overview(told))
    for measurement in shown:
        console.print(_panel(measurement))
    return 0


def _overview(told: Result) -> Group:
    return Group(
        _facts(told), *([_checks(told["checks"], "image checks")] if told["checks"] else [])
    )


def _facts(told: Result) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, value in _fact_lines(told):
        table.add_row(Text(name, style="bold"), Text(value))
    return table


def _fact_lines(told: Result) -> Iterator[tuple[str, str]]:
    source, model, reason = told["source"], told["model"], told["reason"]
    yield "status", told["status"]
    if reason:
        yield "reason", f"{reason['code']}: {reason['text']}"
    if source["rows"]:
        yield "image", f"{source['rows']} x {source['columns']}, view {source['view']}"
        yield "pixel size", _spacing(source["spacing"])
    if model:
        yield "model", f"{model['name']} {model['version']}, weights {model['sha256'][:12]}"
    if told["not_asked"]:
        yield "checks not made", f"{', '.join(told['not_asked'])} (docs/gates.md says why)"
    if told["prior"]:
        yield "prior", _prior(told["prior"])


def _spacing(spacing: Result) -> str:
    if spacing["row_mm"] is None:
        return "unknown: nothing is given in millimetres"
    return f"{spacing['row_mm']} x {spacing['column_mm']} mm, {spacing['provenance']}"


def _panel(measurement: Result) -> Panel:
    parts = [_measurement_facts(measurement)]
    if measurement["structures"]:
        parts.append(_structures(measurement["structures"]))
    if measurement["checks"]:
        parts.append(_checks(measurement["checks"], "depends on"))
    return Panel(Group(*parts), title=measurement["key"], title_align="left")


def _measurement_facts(measurement: Result) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, value in _measurement_lines(measurement):
        table.add_row(Text(name, style="bold"), Text(value))
    return table


def _measurement_lines(measurement: Result) -> Iterator[tuple[str, str]]:
    yield measurement["name"], _value(measurement)
    if measurement.get("interval"):
        low, high = measurement["interval"]
        yield "repeatability", f"95 % of repeated measurements between {low} and {high}"
    if measurement["qualifier"]:
        yield "remark", measurement["qualifier"]
    definition = measurement["definition"]
    if definition:
        yield "definition", definition["text"]
        yield "formula", definition["formula"]
        yield "source", definition["source"]
    if measurement.get("normal"):
        yield "normal range", _normal(measurement["normal"])
    if measurement.get("change"):
        yield "change since the prior", _change(measurement["change"])
    if measurement["points"]:
        yield "points", " ".join(f"({row:g}, {column:g})" for row, column in measurement["points"])


def _value(measurement: Result) -> str:
    if measurement["value"] is None:
        return f"not measured: {measurement['reason']}"
    return f"{measurement['value']} {measurement['unit']}"


def _prior(prior: Result) -> str:
    day = prior["acquired"]
    return f"{prior['view']} of {day[:4]}-{day[4:6]}-{day[6:]}, found in {prior['source']}"


def _change(change: Result) -> str:
    relation = (change["relation"] or "not judged").replace("_", " ")
    limit = "unknown" if change["threshold"] is None else change["threshold"]
    return f"{change['difference']:+g} from {change['before']}: {relation} (limit {limit})"


def _normal(normal: Result) -> str:
    ends = f"{_end(normal['low'])} to {_end(normal['high'])}"
    return f"{normal['position']}: {ends} ({normal['population']}; {normal['source']})"


def _end(value: float | None) -> str:
    return "open" if value is None else f"{value:g}"


def _structures(structures: list[dict[str, Any]]) -> Table:
    table = Table("derived from", "pixels", "certainty", "rows and columns", box=None)
    for each in structures:
        if each["present"]:
            table.add_row(
                each["label"],
                str(each["pixels"]),
                f"{each['probability']:.2f}",
                f"{each['bbox'][0]}-{each['bbox'][2]}, {each['bbox'][1]}-{each['bbox'][3]}",
            )
        else:
            table.add_row(each["key"], each.get("reason", "not found"), "", "")
    return table


def _checks(checks: list[dict[str, Any]], title: str) -> Table:
    table = Table(title, "outcome", "score", "limit", "reason", box=None)
    for check in checks:
        table.add_row(
            check["check"],
            Text(check["status"], style=_STATUS_STYLES.get(check["status"], "")),
            _number(check["value"]),
            _number(check.get("threshold")),
            Text(check.get("reason") or ""),
        )
    return table


def _number(value: object) -> str:
    return "" if value is None else str(value)
