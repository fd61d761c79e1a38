"""Every location's box follows from drawn masks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.image import NO_SPACING, ViewPosition
from service.domain.location import Location
from service.domain.segmentation import Code, Segment, Segmentation
from service.locations.imagenome import locate_all
from service.measurements.registry import Subject
from tests.golden import golden_lateral

TYPE = Code("39607008", "SCT", "Lung")
ROWS, COLUMNS = 240, 200
# First row, first column, row after the last, column after the last.
Boxes = dict[str, tuple[int, int, int, int]]
CHEST: Boxes = {
    "right_lung_field": (30, 20, 180, 80),
    "left_lung_field": (30, 120, 180, 180),
    "right_lung": (30, 20, 200, 90),
    "left_lung": (30, 110, 200, 180),
    "heart": (110, 80, 180, 150),
    "cardiomediastinum": (40, 85, 180, 150),
    "trachea": (10, 95, 70, 105),
    "clavicle_right": (35, 30, 45, 90),
    "right_hemidiaphragm": (180, 20, 230, 100),
    "left_hemidiaphragm": (186, 100, 230, 180),
}


def subject(boxes: Boxes, *, mirrored: bool = False) -> Subject:
    masks = np.zeros((len(boxes), ROWS, COLUMNS), np.bool_)
    for mask, (top, left, bottom, right) in zip(masks, boxes.values(), strict=True):
        mask[top:bottom, left:right] = True
    if mirrored:
        masks = masks[:, :, ::-1]
    segments = tuple(
        Segment(number, key, key, TYPE, TYPE, None, (0, 0, 0))
        for number, key in enumerate(boxes, start=1)
    )
    found = Segmentation(segments, masks, np.ones(len(boxes), np.float32))
    return Subject(found, NO_SPACING, ViewPosition.POSTERO_ANTERIOR)


def located(boxes: Boxes, *, mirrored: bool = False) -> dict[str, Location]:
    return {each.name: each for each in locate_all(subject(boxes, mirrored=mirrored))}


def test_there_are_29_locations_each_with_a_box_or_a_reason() -> None:
    found = locate_all(subject(CHEST))

    assert len(found) == len({each.name for each in found}) == 29
    assert all((each.box is None) == bool(each.reason) for each in found)


@pytest.mark.parametrize(
    ("name", "key"),
    [("cardiac silhouette", "heart"), ("right clavicle", "clavicle_right"), ("trachea", "trachea")],
)
def test_a_whole_structure_has_the_box_of_its_mask(name: str, key: str) -> None:
    found = located(CHEST)[name]

    assert (found.box, found.segments, found.is_whole) == (CHEST[key], (key,), True)


def test_a_lung_is_its_mask_with_what_lies_behind_heart_and_diaphragm() -> None:
    found = located(CHEST)["right lung"]

    assert found.box == CHEST["right_lung"]
    assert found.segments == ("right_lung", "right_lung_field")


def test_the_zones_are_thirds_of_the_lung_field() -> None:
    top, left, bottom, right = CHEST["left_lung_field"]
    third = (bottom - top) // 3
    names = ("left upper lung zone", "left mid lung zone", "left lower lung zone")

    boxes = [located(CHEST)[name].box for name in names]

    assert boxes == [
        (top + number * third, left, top + (number + 1) * third, right) for number in range(3)
    ]


def test_a_zone_of_the_model_takes_the_place_of_the_rule() -> None:
    own = (31, 121, 90, 179)

    found = located(CHEST | {"left_upper_zone_lung": own})["left upper lung zone"]

    assert (found.box, found.segments) == (own, ("left_upper_zone_lung",))


def test_the_costophrenic_angles_are_low_and_away_from_the_other_lung() -> None:
    found = located(CHEST)
    right, left = (found[f"{side} costophrenic angle"].box for side in ("right", "left"))
    right_field, left_field = CHEST["right_lung_field"], CHEST["left_lung_field"]

    assert right is not None
    assert left is not None
    assert right[1:3] == (right_field[1], right_field[2])
    assert left[2:4] == (left_field[2], left_field[3])


def test_on_a_mirrored_film_the_boxes_are_mirrored_and_the_sides_stay() -> None:
    for name, location in located(CHEST).items():
        mirrored = located(CHEST, mirrored=True)[name].box
        if location.box is None or mirrored is None:
            assert location.box is mirrored
            continue
        top, left, bottom, right = location.box
        assert mirrored == (top, COLUMNS - right, bottom, COLUMNS - left), name


def test_the_upper_mediastinum_ends_where_the_heart_begins() -> None:
    found = located(CHEST)["upper mediastinum"].box

    assert found is not None
    assert (found[0], found[2]) == (CHEST["cardiomediastinum"][0], CHEST["heart"][0])


def test_the_abdomen_is_what_lies_below_both_domes() -> None:
    assert located(CHEST)["abdomen"].box == (180, 20, 230, 180)


@pytest.mark.parametrize("name", ["svc", "right atrium", "cavoatrial junction", "aortic arch"])
def test_what_the_model_does_not_know_has_no_box_but_a_reason(name: str) -> None:
    found = located(CHEST)[name]

    assert found.box is None
    assert found.reason


def test_with_nothing_found_every_location_says_why() -> None:
    assert all(each.reason for each in locate_all(subject({"spine": (0, 0, 0, 0)})))


@given(st.integers(0, 30), st.integers(0, 15))
def test_boxes_move_with_the_film(down: int, across: int) -> None:
    moved: Boxes = {
        key: (top + down - 10, left + across, bottom + down - 10, right + across)
        for key, (top, left, bottom, right) in CHEST.items()
        if key not in {"right_hemidiaphragm", "left_hemidiaphragm"}
    }
    still = located({key: CHEST[key] for key in moved})

    for name, location in located(moved).items():
        before = still[name].box
        assert (location.box is None) == (before is None)
        if location.box and before:
            shift = (down - 10, across, down - 10, across)
            assert location.box == tuple(a + b for a, b in zip(before, shift, strict=True)), name


def test_a_lateral_view_has_none_of_the_places_and_says_why() -> None:
    found = locate_all(golden_lateral())

    assert len(found) == 29
    assert not any(each.box for each in found)
    assert all("lateral" in (each.reason or "") for each in found)
