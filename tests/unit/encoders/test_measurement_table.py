import csv
import json
import subprocess
import sys
from dataclasses import replace
from io import BytesIO, StringIO
from typing import Any

import pyarrow.parquet as pq
import pytest

from service.domain.analysis import Reason
from service.domain.job import JobState
from service.domain.measurement import NormalRange
from service.encoders.measurement_table import (
    COLUMNS,
    Row,
    TableFormat,
    rows_of,
    write_table,
)
from service.encoders.result_json import done_document, ended_document
from tests.phantoms import MODEL, REFERENCE, phantom_analysis, without_measurements

JOB_ID = "0" * 32
RECEIVED_AT = "2026-01-02T03:04:05+00:00"


def result(*, measured: bool = True) -> dict[str, Any]:
    analysis = phantom_analysis()
    first, *others = analysis.measurements
    told = replace(first, interval=(140.0, 150.0), normal=NormalRange(None, 155.0, "men", "a book"))
    analysis = replace(analysis, measurements=(told, *others))
    analysis = analysis if measured else without_measurements(analysis, 'no "heart", none')
    stored: dict[str, Any] = json.loads(json.dumps(done_document(analysis, (), {})))
    return stored


def rows(*, measured: bool = True) -> list[Row]:
    return list(rows_of(result(measured=measured), JOB_ID, RECEIVED_AT))


def test_a_row_says_which_value_of_which_image_by_which_model() -> None:
    first, *_ = rows()

    assert first == {
        "job_id": JOB_ID,
        "received_at": RECEIVED_AT,
        "study_instance_uid": REFERENCE.study_instance_uid,
        "sop_instance_uid": REFERENCE.sop_instance_uid,
        "view": "PA",
        "key": "cardiac_width",
        "name": "Maximal transverse cardiac diameter",
        "status": "measured",
        "value": pytest.approx(phantom_analysis().measurements[0].value, abs=1e-4),
        "unit": "mm",
        "reason": None,
        "interval_low": 140,
        "interval_high": 150,
        "normal_low": None,
        "normal_high": 155,
        "spacing_provenance": "pixel_spacing_calibrated",
        "row_mm": 0.2,
        "column_mm": 0.2,
        "checks_not_passed": "rotation=warning",
        "model_name": MODEL.name,
        "model_version": MODEL.version,
        "model_sha256": MODEL.sha256,
    }


def test_every_row_has_every_column_in_order() -> None:
    assert all(set(row) == set(COLUMNS) for row in (*rows(), *rows(measured=False)))


def test_what_was_not_analysed_has_no_rows() -> None:
    ended = ended_document(JobState.SKIPPED, Reason("not_chest", "no chest"), REFERENCE)

    assert list(rows_of(ended, JOB_ID, RECEIVED_AT)) == []


def test_a_result_of_an_earlier_version_has_rows_too() -> None:
    old = result()
    for measurement in old["measurements"]:
        for later in ("interval", "normal", "aids", "gates"):
            del measurement[later]

    first, *_ = rows_of(old, JOB_ID, RECEIVED_AT)

    assert (first["interval_low"], first["normal_high"]) == (None, None)
    assert first["value"] is not None


def test_csv_gives_back_what_was_written() -> None:
    blocks = [rows(), [], rows(measured=False)]

    text = b"".join(write_table(TableFormat.CSV, blocks)).decode()

    read = list(csv.DictReader(StringIO(text, newline="")))
    assert list(read[0]) == list(COLUMNS)
    assert len(read) == 6
    assert float(read[0]["value"]) == blocks[0][0]["value"]
    assert (read[3]["value"], read[3]["reason"]) == ("", 'no "heart", none')


def test_parquet_gives_back_what_was_written_with_its_types() -> None:
    blocks = [rows(), [], rows(measured=False)]

    pieces = list(write_table(TableFormat.PARQUET, blocks))

    file = pq.ParquetFile(BytesIO(b"".join(pieces)))
    assert file.schema_arrow.field("value").type == "double"
    assert file.num_row_groups == 2
    assert file.read().to_pylist() == [*blocks[0], *blocks[2]]
    assert len(pieces) == 3, "a piece for each block of rows, and the end"


@pytest.mark.parametrize("blocks", [[], [[]]])
def test_an_empty_table_has_its_columns(blocks: list[list[Row]]) -> None:
    csv_bytes = b"".join(write_table(TableFormat.CSV, blocks))
    parquet_bytes = b"".join(write_table(TableFormat.PARQUET, blocks))

    assert csv_bytes.decode() == ",".join(COLUMNS) + "\r\n"
    assert pq.ParquetFile(BytesIO(parquet_bytes)).read().column_names == list(COLUMNS)


def test_the_same_rows_give_the_same_bytes() -> None:
    for form in TableFormat:
        assert b"".join(write_table(form, [rows()])) == b"".join(write_table(form, [rows()]))


def test_pyarrow_is_imported_only_when_a_table_is_asked_for() -> None:
    asked = "import sys, service.api.app; print({'pyarrow', 'fhir'} & set(sys.modules))"

    ran = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)

    assert ran.stdout.strip() == "set()"
