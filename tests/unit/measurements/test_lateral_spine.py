"""Kyphosis, vertebral heights and their loss on drawn lateral spines."""

import numpy as np
import pytest

from service.domain.image import NO_SPACING, ViewPosition
from service.domain.measurement import Measurement, MeasurementStatus
from service.measurements.registry import Subject, measure_all
from service.measurements.vertebral_height_loss import grade
from tests.golden import golden_lateral
from tests.unit.measurements.drawing import enlarged, mirrored_film, moved, taken
from tests.unit.measurements.drawn_spines import HEIGHT, SQUARE, lateral_spine, spine_subject

LEVEL_TILTS = [-28.0, -22.0, -17.0, -12.0, -6.0, 0.0, 5.0, 9.0, 14.0, 18.0]
"""T4 to L1: T5 at -22 and T12 at 14 degrees."""


def lateral(*args: object, **kwargs: object) -> Subject:
    return spine_subject(lateral_spine(*args, **kwargs), ViewPosition.LATERAL)  # type: ignore[arg-type]


def found_for(subject: Subject, prefix: str) -> dict[str, Measurement]:
    return {m.key: m for m in measure_all(subject) if m.key.startswith(prefix)}


@pytest.mark.parametrize("turn", [0.0, -8.0, 8.0])
def test_kyphosis_is_the_turn_from_t5_to_t12(turn: float) -> None:
    start = (30.0, 110 + 4 * turn)

    found = taken(lateral([tilt + turn for tilt in LEVEL_TILTS], start=start), "thoracic_kyphosis")

    assert found.value == pytest.approx(14 - -22, abs=1.5)
    assert found.segments == tuple(f"vertebra_t{n}" for n in range(5, 13))


def test_a_hollow_back_is_negative() -> None:
    found = taken(lateral([-tilt for tilt in LEVEL_TILTS], start=(30.0, 80.0)), "thoracic_kyphosis")

    assert found.value == pytest.approx(-36.0, abs=1.5)


def test_which_way_the_patient_faces_changes_nothing() -> None:
    subject = lateral(LEVEL_TILTS)
    value = taken(subject, "thoracic_kyphosis").value

    assert taken(mirrored_film(subject), "thoracic_kyphosis").value == pytest.approx(value, abs=0.3)
    assert taken(moved(subject, 9, 6), "thoracic_kyphosis").value == pytest.approx(value, abs=1e-6)
    assert taken(enlarged(subject, 2), "thoracic_kyphosis").value == pytest.approx(value, abs=1.0)


def test_without_t5_there_is_no_kyphosis() -> None:
    masks = lateral_spine(LEVEL_TILTS)
    del masks["vertebra_t5"]

    found = taken(spine_subject(masks, ViewPosition.LATERAL), "thoracic_kyphosis")

    assert found.reason == "T5 was not found whole among its neighbours"


def test_without_anything_in_front_the_front_is_unknown() -> None:
    masks = lateral_spine(LEVEL_TILTS)
    del masks["sternum"]

    found = taken(spine_subject(masks, ViewPosition.LATERAL), "thoracic_kyphosis")

    assert found.reason == "nothing tells where the patient's front is"


def test_vertebrae_that_jump_are_not_measured() -> None:
    masks = lateral_spine(LEVEL_TILTS)
    masks["vertebra_t6"], masks["vertebra_t9"] = masks["vertebra_t9"], masks["vertebra_t6"]

    found = taken(spine_subject(masks, ViewPosition.LATERAL), "thoracic_kyphosis")

    assert "labelled wrongly" in str(found.reason)


def test_a_vertebra_that_the_film_cuts_is_none() -> None:
    masks = lateral_spine(LEVEL_TILTS)
    masks["vertebra_t4"][0, 100] = True

    keys = found_for(spine_subject(masks, ViewPosition.LATERAL), "vertebral_height_t4")

    assert "vertebral_height_t4_anterior" in keys  # a stray pixel is no part of it
    cut = lateral_spine(LEVEL_TILTS, start=(8.0, 110.0))
    assert found_for(spine_subject(cut, ViewPosition.LATERAL), "vertebral_height_t4") == {}


def test_heights_are_those_of_the_drawn_body_without_its_arch() -> None:
    found = found_for(lateral(LEVEL_TILTS), "vertebral_height_t")

    assert len([key for key in found if key.endswith(("anterior", "middle", "posterior"))]) == 27
    for key, each in found.items():
        if not key.startswith("vertebral_height_loss"):
            assert each.value == pytest.approx(HEIGHT * 0.5, abs=0.5), key
            top, bottom = (np.array(point) for point in each.points)
            drawn = float(np.linalg.norm(bottom - top)) * 0.5
            assert drawn == pytest.approx(each.value, abs=1e-6)


def test_each_vertebra_has_its_own_site() -> None:
    found = found_for(lateral(LEVEL_TILTS), "vertebral_height_t7")["vertebral_height_t7_middle"]

    assert (found.finding_site.value, found.name) == ("62487009", "Height of T7, middle third")
    assert found.segments == ("vertebra_t7",)


@pytest.mark.parametrize("front", [18.0, 15.0, 13.0, 10.0])
def test_a_wedge_loses_height_in_front(front: float) -> None:
    # Heights grow evenly from front to back, so that the front third's mean lies at a sixth.
    subject = lateral(LEVEL_TILTS, heights={"t8": (front, HEIGHT)})
    expected = 100 * (1 - (front + (HEIGHT - front) / 6) / HEIGHT)

    found = taken(subject, "vertebral_height_loss_t8")

    assert found.value == pytest.approx(expected, abs=4.0)
    assert str(found.qualifier).endswith("anterior third")
    assert str(found.qualifier).startswith(grade(found.value))


@pytest.mark.parametrize(
    ("loss", "number"),
    [(0, 0), (19.9, 0), (20, 1), (24.9, 1), (25, 2), (39.9, 2), (40, 3), (90, 3)],
)
def test_grades_are_genants(loss: float, number: int) -> None:
    assert grade(loss).startswith(f"Genant grade {number}")


def test_a_loss_needs_no_spacing_and_heights_do() -> None:
    drawn = lateral(LEVEL_TILTS)
    subject = Subject(drawn.segmentation, NO_SPACING, ViewPosition.LATERAL)

    assert taken(subject, "vertebral_height").reason == "no pixel spacing is known"
    loss = taken(subject, "vertebral_height_loss_t8")
    assert loss.value == pytest.approx(0.0, abs=4.0)
    assert loss.status is MeasurementStatus.MEASURED


def test_heights_grow_with_the_pixel() -> None:
    masks = lateral_spine(LEVEL_TILTS)
    fine = found_for(spine_subject(masks, ViewPosition.LATERAL), "vertebral_height_t6_middle")
    coarse = spine_subject(masks, ViewPosition.LATERAL, type(SQUARE)(1.0, 1.0, SQUARE.provenance))

    key = "vertebral_height_t6_middle"
    assert taken(coarse, key).value == pytest.approx(2 * float(fine[key].value or 0))


def test_a_frontal_film_has_neither() -> None:
    keys = {each.key for each in measure_all(spine_subject(lateral_spine(LEVEL_TILTS)))}

    assert not keys & {"thoracic_kyphosis", "vertebral_height", "vertebral_height_loss"}


def test_the_golden_patient() -> None:
    found = {m.key: m for m in measure_all(golden_lateral())}

    # In the volume, by planes fitted to voxels: 36.5 degrees. The heights are recorded ones.
    assert found["thoracic_kyphosis"].value == pytest.approx(35.9, abs=0.3)
    assert found["vertebral_height_t6_middle"].value == pytest.approx(20.3, abs=0.3)
    assert found["vertebral_height_l1_middle"].value == pytest.approx(30.7, abs=0.3)
    losses = [m.value for key, m in found.items() if key.startswith("vertebral_height_loss")]
    assert len(losses) == 10
    assert max(value or 0.0 for value in losses) < 20
