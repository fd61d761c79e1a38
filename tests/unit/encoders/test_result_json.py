import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from service.domain.analysis import EncodedObject, ObjectKind, Reason
from service.domain.image import NO_SPACING, PixelSpacing
from service.domain.job import JobState
from service.encoders.files import Json
from service.encoders.result_json import bounding_box, done_document, ended_document
from tests.phantoms import CALIBRATED, MODEL, REFERENCE, phantom_analysis

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
    assert result["quality"][1] == {"check": "rotation", "status": "warning", "value": 0.25}


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


def test_a_box_ends_just_outside_its_last_pixel() -> None:
    mask = np.zeros((5, 6), dtype=bool)
    mask[2, 3] = True

    assert bounding_box(mask) == [2, 3, 3, 4]
    assert bounding_box(np.zeros((2, 2), dtype=bool)) is None
