from typing import Any

import pytest
from fhir.resources.imagingselection import ImagingSelection
from fhir.resources.observation import Observation

from service.domain.analysis import Analysis
from service.domain.measurement import NormalRange
from service.encoders.fhir_context import Context
from service.encoders.fhir_observation import (
    line_selection,
    line_url,
    lines_of,
    observation,
    segment_selection,
    segment_url,
)
from tests.fhir import stored, with_first
from tests.phantoms import phantom_analysis, without_measurements

ANALYSIS = phantom_analysis()
DEVICE = "urn:uuid:00000000-0000-0000-0000-000000000000"
CONTEXT = Context(
    subject={"type": "Patient", "identifier": {"value": "P-1"}},
    order=None,
    study={"identifier": {"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"}},
    effective="2020-01-02",
    segments={"heart": 3},
    seg_series_uid="1.2.3.4",
)


def observed(analysis: Analysis = ANALYSIS, place: int = 0) -> dict[str, Any]:
    result = stored(analysis)
    made = observation(result["measurements"][place], result, CONTEXT, DEVICE)
    Observation.model_validate(made)
    return made


def test_a_value_is_a_preliminary_observation_in_ucum_about_its_anatomy() -> None:
    made = observed()

    assert made["status"] == "preliminary"
    assert made["code"]["coding"][0]["code"] == "81827009"
    assert made["valueQuantity"]["code"] == "mm"
    assert made["valueQuantity"]["value"] == round(ANALYSIS.measurements[0].value or 0, 4)
    assert made["bodySite"]["coding"][0]["code"] == "80891009"
    assert (made["subject"], made["effectiveDateTime"]) == (CONTEXT.subject, "2020-01-02")
    assert made["device"] == {"reference": DEVICE}


def test_an_interval_is_a_component_with_a_range() -> None:
    (component,) = observed(with_first(interval=(140.0, 150.0)))["component"]

    assert component["valueRange"]["low"]["value"] == 140
    assert component["valueRange"]["high"]["value"] == 150


@pytest.mark.parametrize(
    ("value", "low", "high", "code"),
    [(100, 90, 110, "N"), (100, None, 99, "H"), (100, 101, None, "L"), (100, 100, 100, "N")],
)
def test_a_normal_range_is_told_with_its_population_and_what_the_value_is_in_it(
    value: float, low: float | None, high: float | None, code: str
) -> None:
    normal = NormalRange(low, high, "adults", "a book")

    made = observed(with_first(value=value, normal=normal))

    (stated,) = made["referenceRange"]
    assert stated["text"] == "adults (a book)"
    assert ("low" in stated, "high" in stated) == (low is not None, high is not None)
    assert made["interpretation"][0]["coding"][0]["code"] == code


def test_what_was_not_measured_has_its_reason_instead_of_a_value() -> None:
    made = observed(without_measurements(ANALYSIS, "the heart was not found"))

    assert "valueQuantity" not in made
    assert made["dataAbsentReason"]["coding"][0]["code"] == "not-performed"
    assert made["dataAbsentReason"]["text"] == "the heart was not found"


def test_a_ratio_is_derived_from_the_line_that_it_is_read_from() -> None:
    result = stored(ANALYSIS)
    _, ratio, _ = result["measurements"]

    assert lines_of(ratio, result) == ["cardiac_width"]
    made = observation(ratio, result, CONTEXT, DEVICE)
    assert [each["reference"] for each in made["derivedFrom"]] == [
        line_url(result, "cardiac_width"),
        segment_url(result, "heart"),
    ]


def test_a_line_is_a_region_on_the_film_that_counts_from_the_corner() -> None:
    result = stored(ANALYSIS)

    made = line_selection(result["measurements"][0], result, CONTEXT)

    ImagingSelection.model_validate(made)
    (region,) = made["instance"][0]["imageRegion2D"]
    (row, low), (_, high) = ANALYSIS.measurements[0].points
    assert region["regionType"] == "polyline"
    assert region["coordinate"] == [low + 0.5, row + 0.5, high + 0.5, row + 0.5]
    assert made["instance"][0]["uid"] == result["source"]["sop_instance_uid"]
    assert made["seriesUid"] == result["source"]["series_instance_uid"]


def test_a_segment_is_a_part_of_the_seg_by_its_number() -> None:
    seg = {"sop_instance_uid": "1.2.3.5", "sop_class_uid": "1.2.840.10008.5.1.4.1.1.66.4"}

    made = segment_selection("heart", seg, CONTEXT)

    ImagingSelection.model_validate(made)
    assert made["instance"][0]["subset"] == ["3"]
    assert (made["seriesUid"], made["instance"][0]["uid"]) == ("1.2.3.4", "1.2.3.5")
