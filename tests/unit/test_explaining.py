"""An explanation brings together what a value came from."""

from dataclasses import replace

import pytest

from service.domain.analysis import Analysis, Reason
from service.domain.gate import Gate
from service.domain.job import JobState
from service.domain.measurement import QualityCheck
from service.encoders.result_json import done_document, ended_document
from service.explaining import Result, definition_of, explanation
from service.measurements.registry import MEASUREMENTS, Subject, measure_all
from tests.phantoms import phantom_analysis


@pytest.fixture
def analysis() -> Analysis:
    made = phantom_analysis()
    checks = (
        QualityCheck("polarity", "passed", 0.9),
        QualityCheck("field_sides", "warning", 0.01, 0.02, "a lung is near the edge"),
        QualityCheck("age", "passed", None),
    )
    subject = Subject(made.segmentation, made.image.spacing, made.image.view, checks)
    return replace(made, quality=checks, measurements=measure_all(subject))


def explained(analysis: Analysis, key: str) -> Result:
    told = explanation(done_document(analysis, (), {}))
    return next(each for each in told["measurements"] if each["key"] == key)


def test_every_measurement_is_told_with_its_definition(analysis: Analysis) -> None:
    told = explanation(done_document(analysis, (), {}))

    assert len(told["measurements"]) == len(analysis.measurements)
    for each in told["measurements"]:
        assert each["definition"]["text"]
        assert each["definition"]["formula"]
        assert each["definition"]["source"]


def test_a_value_keeps_its_points(analysis: Analysis) -> None:
    ratio = analysis.measurement("cardiothoracic_ratio")
    assert ratio is not None

    told = explained(analysis, "cardiothoracic_ratio")

    assert told["value"] == round(ratio.value or 0, 4)
    assert [tuple(point) for point in told["points"]] == list(ratio.points)


def test_the_structures_that_it_was_derived_from_are_told(analysis: Analysis) -> None:
    heart = int(analysis.segmentation.mask("heart").sum())

    structures = {s["key"]: s for s in explained(analysis, "cardiothoracic_ratio")["structures"]}

    assert list(structures) == ["heart", "right_lung_field", "left_lung_field"]
    assert structures["heart"]["pixels"] == heart


def test_only_the_checks_that_it_depends_on_are_told(analysis: Analysis) -> None:
    told = explained(analysis, "thoracic_width")

    assert {check["check"] for check in told["checks"]} == {"polarity", "field_sides"}


def test_the_gates_that_were_not_asked_are_named(analysis: Analysis) -> None:
    told = explanation(done_document(analysis, (), {}))

    asked = {check.check for check in analysis.quality}
    assert set(told["not_asked"]) | asked == {gate.value for gate in Gate}
    assert not set(told["not_asked"]) & asked


def test_a_label_that_the_model_lacks_is_named(analysis: Analysis) -> None:
    document = done_document(analysis, (), {})
    document["segments"] = []

    told = explanation(document)["measurements"][0]

    assert {s["reason"] for s in told["structures"]} == {"the model has no such label"}


def test_a_refusal_is_explained_by_its_reason() -> None:
    told = explanation(ended_document(JobState.SKIPPED, Reason("not_chest", "no chest"), None))

    assert told["reason"] == {"code": "not_chest", "text": "no chest"}
    assert told["measurements"] == told["not_asked"] == []


def test_a_part_is_explained_by_the_definition_that_it_is_a_part_of() -> None:
    name, definition = next(iter(MEASUREMENTS))

    assert definition_of(f"{name}_right") is definition
    assert definition_of("nothing_of_the_kind") is None
