import json
from dataclasses import replace
from pathlib import Path

import pytest

from service.domain.measurement import Measurement
from service.encoders.result_json import done_document
from service.priors.results import measured_values, stored_measurements, stored_objects
from tests.phantoms import CALIBRATED, phantom_analysis, without_measurements

ANALYSIS = phantom_analysis(48, 40)
NOW = phantom_analysis(64, 60).measurements


def with_intervals(measurements: tuple[Measurement, ...]) -> tuple[Measurement, ...]:
    return tuple(
        replace(each, interval=(each.value - 1 / 3, each.value + 1 / 3))
        for each in measurements
        if each.value is not None
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The results of an analysis with intervals."""
    analysis = replace(ANALYSIS, measurements=with_intervals(ANALYSIS.measurements))
    (tmp_path / "result.json").write_text(json.dumps(done_document(analysis, (), {})))
    return tmp_path


def test_what_is_read_is_what_would_be_measured_again(folder: Path) -> None:
    analysis = replace(ANALYSIS, measurements=with_intervals(ANALYSIS.measurements))

    stored = stored_measurements(folder, NOW)

    assert stored is not None
    values, provenance = stored
    assert values == measured_values(analysis, NOW)
    assert provenance is CALIBRATED.provenance
    assert [each.key for each in values] == [each.key for each in NOW]


def test_a_value_is_told_in_the_words_of_now_and_lies_nowhere_on_this_film(folder: Path) -> None:
    stored = stored_measurements(folder, NOW)

    assert stored is not None
    for now, before in zip(NOW, stored[0], strict=True):
        assert (before.name, before.code, before.unit) == (now.name, now.code, now.unit)
        assert before.points == before.aids == ()
        assert before.interval is not None
        assert before.value != now.value


def test_what_was_not_measured_has_another_unit_or_is_unknown_is_left_out(tmp_path: Path) -> None:
    refused = without_measurements(ANALYSIS)
    other_unit = replace(NOW[0], unit=replace(NOW[0].unit, value="px"))
    unknown = replace(NOW[0], key="never_heard_of")
    (tmp_path / "result.json").write_text(json.dumps(done_document(refused, (), {})))

    stored = stored_measurements(tmp_path, NOW)

    assert stored is not None
    assert stored[0] == ()
    assert measured_values(ANALYSIS, [other_unit, unknown]) == ()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"source": 1}', '{"source": {"spacing": {"provenance": "moon"}}}']
)
def test_a_damaged_result_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "result.json").write_text(text)

    assert stored_measurements(tmp_path, NOW) is None
    assert stored_objects(tmp_path) == ()


def test_no_result_is_none(tmp_path: Path) -> None:
    assert stored_measurements(tmp_path / "absent", NOW) is None
    assert stored_objects(tmp_path / "absent") == ()


def test_objects_whose_files_are_gone_or_lie_elsewhere_are_not_named(tmp_path: Path) -> None:
    files = [{"file": "sr.dcm"}, {"file": "../../etc/passwd"}]
    (tmp_path / "result.json").write_text(json.dumps({"objects": files}))

    assert stored_objects(tmp_path) == ()
