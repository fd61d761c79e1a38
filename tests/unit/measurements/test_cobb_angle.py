"""Cobb angles of drawn spines."""

import numpy as np
import pytest

from service.domain.image import PixelSpacing, SpacingProvenance
from service.domain.measurement import MeasurementStatus
from service.errors import MissingSegment
from service.measurements.registry import measure_all
from service.measurements.vertebral_column import vertebral_column
from tests.golden import golden_frontal
from tests.unit.measurements.drawing import enlarged, mirrored_film, mirrored_patient, moved, taken
from tests.unit.measurements.drawn_spines import (
    FILM,
    PITCH,
    WIDTH,
    centres,
    frontal_spine,
    spine_subject,
)


def bow(amplitude: float, count: int = 12) -> list[float]:
    """Tilts that go from +amplitude to -amplitude and level off at both ends, as curves do."""
    return list(amplitude * np.cos(np.linspace(0, np.pi, count)))


@pytest.mark.parametrize("amplitude", [0.0, 4.0, 8.0, 12.0, 20.0, -15.0])
def test_the_angle_is_the_turn_between_the_most_tilted_vertebrae(amplitude: float) -> None:
    found = taken(spine_subject(frontal_spine(bow(amplitude))), "cobb_angle")

    # A degree for the pixels, and a twentieth: at the ends the line bends on as it did before.
    assert found.value == pytest.approx(2 * abs(amplitude), abs=1.0 + 0.05 * 2 * abs(amplitude))
    assert found.unit.value == "deg"
    assert found.code.value == "285285000"


@pytest.mark.parametrize("turn", [-10.0, 7.0])
def test_a_slanting_patient_has_the_same_angle(turn: float) -> None:
    straight = taken(spine_subject(frontal_spine(bow(12.0))), "cobb_angle")
    tilts = [tilt + turn for tilt in bow(12.0)]

    found = taken(spine_subject(frontal_spine(tilts, start=(40.0, 130 + 3 * turn))), "cobb_angle")

    assert found.value == pytest.approx(straight.value, abs=1.5)


def test_the_bulge_is_named_by_the_patients_side() -> None:
    # Tilts fall from above to below: the spine leads to low columns and back, the patient's right.
    subject = spine_subject(frontal_spine(bow(12.0)))

    assert "convex to the patient's right" in str(taken(subject, "cobb_angle").qualifier)
    turned = taken(mirrored_film(subject), "cobb_angle")
    assert "convex to the patient's right" in str(turned.qualifier)
    other = taken(mirrored_patient(subject), "cobb_angle")
    assert "convex to the patient's left" in str(other.qualifier)


def test_it_does_not_change_when_the_film_is_mirrored_moved_or_finer() -> None:
    subject = spine_subject(frontal_spine(bow(12.0)))
    value = taken(subject, "cobb_angle").value

    assert taken(mirrored_film(subject), "cobb_angle").value == pytest.approx(value, abs=0.5)
    assert taken(moved(subject, 11, 17), "cobb_angle").value == pytest.approx(value, abs=1e-6)
    assert taken(enlarged(subject, 2), "cobb_angle").value == pytest.approx(value, abs=1.0)


def test_oblong_pixels_do_not_change_it() -> None:
    oblong = PixelSpacing(1.0, 0.5, SpacingProvenance.CALIBRATED)
    masks = frontal_spine(bow(12.0), aspect=2.0)

    found = taken(spine_subject(masks, spacing=oblong), "cobb_angle")

    assert found.value == pytest.approx(24.0, abs=2.5)


def test_an_s_gives_two_curves_with_their_end_vertebrae() -> None:
    tilts = [*(-9 * np.cos(np.linspace(0, np.pi, 6))), *(9 - 24 * np.linspace(1 / 7, 1, 7))]

    found = [m for m in measure_all(spine_subject(frontal_spine(tilts))) if "cobb" in m.key]

    assert [each.key for each in found] == ["cobb_angle", "cobb_angle_second"]
    assert found[0].value == pytest.approx(24.0, abs=4.0)
    assert found[1].value == pytest.approx(18.0, abs=4.0)
    assert str(found[0].qualifier).startswith(("T8", "T9", "T10"))


def test_both_plates_are_drawn_at_the_angle_that_is_given() -> None:
    found = taken(spine_subject(frontal_spine(bow(12.0))), "cobb_angle")
    first, second, third, fourth = (np.array(point) for point in found.points)

    upper, lower = second - first, fourth - third
    cosine = abs(upper @ lower) / np.linalg.norm(upper) / np.linalg.norm(lower)

    assert np.degrees(np.arccos(cosine)) == pytest.approx(found.value, abs=0.01)


def test_without_vertebrae_the_spines_centre_line_is_taken() -> None:
    tilts = bow(12.0, 15)
    middle = centres(tilts, (30.0, 130.0))
    mask = np.zeros(FILM, np.bool_)
    for row in range(30, int(middle[-1, 0])):
        column = np.interp(row, middle[:, 0], middle[:, 1])
        mask[row, round(column - WIDTH / 2) : round(column + WIDTH / 2)] = True

    found = taken(spine_subject({"spine": mask}), "cobb_angle")

    assert found.value == pytest.approx(24.0, abs=4.0)
    assert "centre line" in str(found.qualifier)
    assert found.segments == ("spine",)


def test_without_spine_or_vertebrae_it_says_so() -> None:
    found = taken(spine_subject({"heart": np.eye(*FILM, dtype=np.bool_)}), "cobb_angle")

    assert found.status is MeasurementStatus.NOT_MEASURED
    assert found.reason == "spine was not found"


def test_a_vertebra_drawn_over_several_levels_has_no_plates() -> None:
    masks = frontal_spine(bow(20.0))
    masks["vertebra_t8"] = masks["vertebra_t7"] | masks["vertebra_t8"] | masks["vertebra_t9"]
    with pytest.raises(MissingSegment, match="T8 is drawn over several levels"):
        vertebral_column(spine_subject(masks))
    found = taken(spine_subject({**masks, "spine": np.any(list(masks.values()), 0)}), "cobb_angle")
    assert "without end vertebrae" in str(found.qualifier)


def test_too_short_a_spine_is_not_measured() -> None:
    mask = np.zeros(FILM, np.bool_)
    mask[40 : 40 + round(2 * PITCH), 100:140] = True

    assert taken(spine_subject({"spine": mask}), "cobb_angle").reason == (
        "too little of the spine is seen"
    )


def test_the_golden_patient() -> None:
    found = [m for m in measure_all(golden_frontal()) if m.key.startswith("cobb_angle")]

    # In the volume, plates fitted to voxels: 14.2 from T2 to T5, 13.9 from T5 to T11.
    assert [(m.key, m.qualifier) for m in found] == [
        ("cobb_angle", "T2 to T5, convex to the patient's left"),
        ("cobb_angle_second", "T6 to T10, convex to the patient's right"),
    ]
    assert found[0].value == pytest.approx(13.7, abs=0.2)
    assert found[1].value == pytest.approx(12.9, abs=0.2)
