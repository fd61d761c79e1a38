"""Rows for research: one for each measurement of a result, as CSV or Parquet.

Rows hold identifiers of job and image and nothing of the patient. Both forms are made piece by
piece, so that a table of any length needs little memory.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

Result = Mapping[str, Any]
Row = dict[str, str | float | None]


class TableFormat(StrEnum):
    """How a table is written."""

    CSV = "csv"
    PARQUET = "parquet"


MEDIA_TYPES = {
    TableFormat.CSV: "text/csv; charset=utf-8",
    TableFormat.PARQUET: "application/vnd.apache.parquet",
}
COLUMNS = {
    "job_id": str,
    "received_at": str,
    "study_instance_uid": str,
    "sop_instance_uid": str,
    "view": str,
    "key": str,
    "name": str,
    "status": str,
    "value": float,
    "unit": str,
    "reason": str,
    "interval_low": float,
    "interval_high": float,
    "normal_low": float,
    "normal_high": float,
    "spacing_provenance": str,
    "row_mm": float,
    "column_mm": float,
    "checks_not_passed": str,
    "model_name": str,
    "model_version": str,
    "model_sha256": str,
}
"""Each column's name and type, in order."""


def rows_of(result: Result, job_id: str, received_at: str) -> Iterator[Row]:
    """Yield a row for each measurement of a result.json; none when it was not analysed."""
    source, model = result["source"], result["model"]
    if model is None:
        return
    shared: Row = {
        "job_id": job_id,
        "received_at": received_at,
        "study_instance_uid": source["study_instance_uid"],
        "sop_instance_uid": source["sop_instance_uid"],
        "view": source["view"],
        "spacing_provenance": source["spacing"]["provenance"],
        "row_mm": source["spacing"]["row_mm"],
        "column_mm": source["spacing"]["column_mm"],
        "checks_not_passed": _not_passed(result),
        "model_name": model["name"],
        "model_version": model["version"],
        "model_sha256": model["sha256"],
    }
    for measurement in result["measurements"]:
        yield shared | _own(measurement)


def _own(measurement: Result) -> Row:
    # A result of an earlier version has neither interval nor range.
    low, high = measurement.get("interval") or (None, None)
    normal = measurement.get("normal") or {}
    return {
        "key": measurement["key"],
        "name": measurement["name"],
        "status": measurement["status"],
        "value": measurement["value"],
        "unit": measurement["unit"],
        "reason": measurement["reason"],
        "interval_low": low,
        "interval_high": high,
        "normal_low": normal.get("low"),
        "normal_high": normal.get("high"),
    }


def _not_passed(result: Result) -> str:
    """Return the names of the checks that did not pass, with their outcome."""
    return " ".join(
        f"{check['check']}={check['status']}"
        for check in result["quality"]
        if check["status"] != "passed"
    )


def write_table(form: TableFormat, blocks: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    """Yield the table piece by piece, one for each block; an empty table has its columns."""
    yield from (_csv(blocks) if form is TableFormat.CSV else _parquet(blocks))


def _csv(blocks: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    """Yield CSV as RFC 4180 has it, UTF-8, with a head; an absent value is an empty field."""
    buffer = StringIO()
    writer = csv.DictWriter(buffer, fieldnames=list(COLUMNS))
    writer.writeheader()
    for block in blocks:
        writer.writerows(block)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def _parquet(blocks: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    """Yield a Parquet file with a row group for each block, compressed with Snappy."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema()
    buffer = BytesIO()
    with pq.ParquetWriter(pa.PythonFile(_Appending(buffer), mode="w"), schema) as writer:
        for block in blocks:
            if block:
                writer.write_table(pa.Table.from_pylist(list(block), schema))
                yield _taken(buffer)
    yield _taken(buffer)


def _schema() -> "pa.Schema":
    import pyarrow as pa

    types = {str: pa.string(), float: pa.float64()}
    return pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])


class _Appending:
    """A file that is only appended to, and whose written part may be taken away.

    Parquet notes where in the file each part lies, so positions count what was taken too.
    """

    def __init__(self, buffer: BytesIO) -> None:
        self._buffer = buffer
        self._position = 0
        self.closed = False

    def write(self, content: bytes) -> int:
        self._position += len(content)
        return self._buffer.write(content)

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        """Do nothing: what was written is there already."""

    def close(self) -> None:
        self.closed = True


def _taken(buffer: BytesIO) -> bytes:
    """Return what is in `buffer` and empty it."""
    content = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return content
