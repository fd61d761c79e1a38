"""The scene graph names places, what was measured on them and what changed."""

import json
from dataclasses import replace

import pytest

from service.domain.analysis import Analysis
from service.domain.identifiers import SOPInstanceUID
from service.domain.image import ViewPosition
from service.domain.prior import Change, Prior, Relation
from service.encoders.scene_graph import scene_document
from service.locations.imagenome import locate_all
from service.measurements.registry import Subject
from tests.phantoms import MODEL, REFERENCE, phantom_analysis, without_measurements

PRIOR_UID = SOPInstanceUID("1.2.826.0.1.3680043.8.498.9")


@pytest.fixture
def analysis() -> Analysis:
    made = phantom_analysis()
    subject = Subject(made.segmentation, made.image.spacing, made.image.view)
    return replace(made, locations=locate_all(subject))


def items(document: dict[str, object], key: str) -> list[dict[str, object]]:
    found = document[key]
    assert isinstance(found, list)
    return found


def test_boxes_are_given_as_x_and_y_from_the_top_left(analysis: Analysis) -> None:
    heart = next(each for each in analysis.locations if each.name == "cardiac silhouette")
    drawn = next(
        item
        for item in items(scene_document(analysis), "objects")
        if item["object_id"] == "cardiac_silhouette"
    )

    assert heart.box is not None
    top, left, bottom, right = heart.box
    assert drawn["box"] == {"x1": left, "y1": top, "x2": right, "y2": bottom}


def test_a_measurement_is_an_attribute_of_what_it_was_taken_on(analysis: Analysis) -> None:
    ratio = analysis.measurement("cardiothoracic_ratio")
    assert ratio is not None
    attributes = items(scene_document(analysis), "attributes")

    places = {a["object_id"] for a in attributes if a["measurement"] == "cardiothoracic_ratio"}
    values = {a["value"] for a in attributes if a["measurement"] == "cardiothoracic_ratio"}

    assert places == {"cardiac_silhouette", "right_lung", "left_lung"}
    assert values == {round(ratio.value or 0, 4)}


def test_what_was_not_measured_is_there_with_its_reason(analysis: Analysis) -> None:
    attributes = items(scene_document(without_measurements(analysis, "no reason")), "attributes")

    assert {a["status"] for a in attributes} == {"not_measured"}
    assert {a["reason"] for a in attributes} == {"no reason"}
    assert {a["value"] for a in attributes} == {None}


def test_a_change_relates_a_place_to_itself_on_the_prior(analysis: Analysis) -> None:
    prior = Prior(
        replace(REFERENCE, sop_instance_uid=PRIOR_UID),
        "20200101",
        ViewPosition.POSTERO_ANTERIOR,
        "database",
        MODEL,
        (),
    )
    change = Change("cardiac_width", 100.0, 110.0, 10.0, 4.0, Relation.LARGER)
    related = items(
        scene_document(replace(analysis, prior=prior, changes=(change,))), "relationships"
    )

    assert related == [
        {
            "object_id": "cardiac_silhouette",
            "prior_sop_instance_uid": PRIOR_UID,
            "measurement": "cardiac_width",
            "relation": "larger",
            "before": 100.0,
            "now": 110.0,
            "difference": 10.0,
            "threshold": 4.0,
        }
    ]


def test_without_a_prior_nothing_is_related(analysis: Analysis) -> None:
    assert scene_document(analysis)["relationships"] == []


def test_it_is_json_and_holds_nothing_of_the_patient(analysis: Analysis) -> None:
    text = json.dumps(scene_document(analysis), allow_nan=False)

    assert json.loads(text)["schema"] == "thorax-scene/1"
    assert "patient" not in text.lower()
