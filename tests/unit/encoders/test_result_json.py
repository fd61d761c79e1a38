import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from service.domain.analysis import EncodedObject, ObjectKind, Reason
from service.domain.image import NO_SPACING, PixelSpacing
from service.domain.job import JobState
from service.domain.measurement import NormalRange
from service.encoders.files import Json
from service.encoders.result_json import bounding_box, done_document, ended_document
from tests.phantoms import CALIBRATED, MODEL, REFERENCE, phantom_analysis, without_measurements
from tests.reports import PRIOR_REFERENCE, SUPERSEDED_REPORT, detailed

SCHEMA = json.loads(
    (Path(__file__).parents[3] / "docs" / "result.schema.json").read_text(encoding="utf-8")
)
REASON = Reason("not_chest", "the body part is not the chest")


def checked(document: Json) -> dict[str, Any]:
    """The document as a reader gets it, after the published schema has accepted it."""
    read: dict[str, Any] = json.loads(json.dumps(document, allow_nan=False))
    jsonschema.validate(read, SCHEMA, jsonschema.Draft202012Validator)
    return read


def document(spacing: PixelSpacing = CALIBRATED) -> dict[str, Any]:
    analysis = phantom_analysis(spacing=spacing)
    seg = EncodedObject(ObjectKind.SEG, "1.2.3", "1.2.3.4", Path("/results/job/seg.dcm"))
    return checked(done_document(analysis, (seg,), {"read": 0.25}))


def told() -> dict[str, Any]:
    """The document of an analysis that has all there is to tell."""
    return checked(done_document(detailed(phantom_analysis()), (), {}))


def by_key(entries: list[dict[str, Any]], key: str) -> dict[str, Any]:
    return next(entry for entry in entries if entry["key"] == key)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_source_is_named_with_its_size_and_spacing() -> None:
    assert document()["source"] == {
        "study_instance_uid": REFERENCE.study_instance_uid,
        "series_instance_uid": REFERENCE.series_instance_uid,
        "sop_instance_uid": REFERENCE.sop_instance_uid,
        "sop_class_uid": REFERENCE.sop_class_uid,
        "view": "PA",
        "rows": 240,
        "columns": 200,
        "spacing": {"row_mm": 0.2, "column_mm": 0.2, "provenance": "pixel_spacing_calibrated"},
    }


def test_a_found_segment_has_pixels_area_box_and_probability() -> None:
    mask = phantom_analysis().segmentation.mask("heart")
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))

    heart = by_key(document()["segments"], "heart")

    assert heart["pixels"] == mask.sum()
    assert heart["area_mm2"] == pytest.approx(mask.sum() * 0.04)
    assert heart["bbox"] == [rows[0], columns[0], rows[-1] + 1, columns[-1] + 1]
    assert (heart["present"], heart["probability"]) == (True, 0.9)


def test_a_segment_that_was_not_found_is_listed_as_absent() -> None:
    clavicle = by_key(document()["segments"], "clavicle_left")

    assert clavicle["present"] is False
    assert (clavicle["pixels"], clavicle["bbox"], clavicle["probability"]) == (0, None, 0)
    assert clavicle["laterality"] == "left"


def test_without_spacing_there_is_no_area_and_widths_say_why() -> None:
    result = document(spacing=NO_SPACING)

    assert {segment["area_mm2"] for segment in result["segments"]} == {None}
    width = by_key(result["measurements"], "cardiac_width")
    assert (width["status"], width["value"]) == ("not_measured", None)
    assert width["reason"] == "no pixel spacing is known"


def test_a_measured_value_comes_with_the_points_that_show_it() -> None:
    ratio = by_key(document()["measurements"], "cardiothoracic_ratio")
    expected = phantom_analysis().measurements[1]

    assert expected.value is not None
    assert ratio["value"] == round(expected.value, 4)
    assert ratio["unit"] == "{ratio}"
    assert ratio["points"] == [list(point) for point in expected.points]


def test_objects_are_named_by_file_not_by_path() -> None:
    assert document()["objects"] == [
        {
            "kind": "seg",
            "sop_class_uid": "1.2.3",
            "sop_instance_uid": "1.2.3.4",
            "file": "seg.dcm",
        }
    ]


def test_the_model_and_the_time_of_each_stage_are_told() -> None:
    result = document()

    assert result["model"] == {
        "name": MODEL.name,
        "version": MODEL.version,
        "sha256": MODEL.sha256,
    }
    assert result["timings"] == {"read": 0.25}


@pytest.mark.parametrize("state", [JobState.SKIPPED, JobState.REJECTED, JobState.DEAD])
def test_what_was_not_analysed_has_a_document_with_its_reason(state: JobState) -> None:
    result = checked(ended_document(state, REASON, REFERENCE))

    assert result["status"] == state
    assert result["reason"] == {"code": REASON.code, "text": REASON.text}
    assert result["segments"] == result["objects"] == []


def test_a_file_without_any_identifier_has_a_document_too() -> None:
    result = checked(ended_document(JobState.REJECTED, Reason("not_dicom", "no"), None))

    source = result["source"]
    assert isinstance(source, dict)
    assert source.pop("spacing")["provenance"] == "none"
    assert set(source.values()) == {None}


def test_the_schema_refuses_what_it_does_not_know() -> None:
    extra = ended_document(JobState.DEAD, REASON, REFERENCE) | {"surprise": 1}

    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        checked(extra)


def test_a_done_result_without_a_model_is_not_valid() -> None:
    broken = ended_document(JobState.DEAD, REASON, REFERENCE) | {"status": "done"}

    with pytest.raises(jsonschema.ValidationError):
        checked(broken)


def test_a_check_comes_with_its_threshold_and_reason() -> None:
    _, inspiration, bases = told()["quality"]

    assert inspiration == {
        "check": "inspiration",
        "status": "warning",
        "value": 7.0,
        "threshold": 9.0,
        "reason": "fewer than 9 ribs are seen",
    }
    assert bases["status"] == "failed"


def test_a_value_comes_with_its_interval_range_gates_and_aids() -> None:
    ratio = by_key(told()["measurements"], "cardiothoracic_ratio")

    assert ratio["interval"] == pytest.approx(
        [0.95 * ratio["value"], 1.05 * ratio["value"]], abs=1e-4
    )
    assert ratio["normal"] == {
        "low": None,
        "high": pytest.approx(ratio["value"] / 2, abs=1e-4),
        "position": "above",
        "population": "adults, standing",
        "source": "a paper of 1919",
        "views": [],
    }
    assert ratio["gates"] == ["view", "inspiration"]
    assert ratio["aids"] == [[[1.0, 2.0], [30.0, 2.0]]]
    assert (ratio["drawn_with"], ratio["finding_site"]["meaning"]) == ("cardiac_width", "Heart")


def test_the_prior_is_named_and_each_value_says_what_changed() -> None:
    result = told()
    width = by_key(result["measurements"], "cardiac_width")

    assert result["prior"]["sop_instance_uid"] == PRIOR_REFERENCE.sop_instance_uid
    assert (result["prior"]["acquired"], result["prior"]["source"]) == ("20190131", "database")
    assert width["change"] == {
        "now": width["value"],
        "before": pytest.approx(0.9 * width["value"], abs=1e-4),
        "difference": pytest.approx(0.1 * width["value"], abs=1e-4),
        "threshold": pytest.approx(0.05 * width["value"], abs=1e-4),
        "relation": "larger",
    }


def test_why_there_is_no_prior_is_told() -> None:
    analysis = replace(phantom_analysis(), prior_reason=Reason("no_prior", "none was found"))

    result = checked(done_document(analysis, (), {}))

    assert result["prior"] is None
    assert result["prior_reason"] == {"code": "no_prior", "text": "none was found"}
    assert {measurement["change"] for measurement in result["measurements"]} == {None}


def test_the_replaced_result_is_named() -> None:
    superseded = told()["superseded"]

    assert superseded["model"]["name"] == MODEL.name
    assert superseded["objects"][0]["sop_instance_uid"] == SUPERSEDED_REPORT.sop_instance_uid


def test_what_was_not_measured_lies_in_no_part_of_a_range() -> None:
    usual = NormalRange(None, 0.5, "adults", "a paper")
    refused = without_measurements(phantom_analysis())
    measurements = tuple(replace(m, normal=usual) for m in refused.measurements)

    result = checked(done_document(replace(refused, measurements=measurements), (), {}))

    assert {m["normal"]["position"] for m in result["measurements"]} == {None}


def test_a_box_ends_just_outside_its_last_pixel() -> None:
    mask = np.zeros((5, 6), dtype=bool)
    mask[2, 3] = True

    assert bounding_box(mask) == [2, 3, 3, 4]
    assert bounding_box(np.zeros((2, 2), dtype=bool)) is None
