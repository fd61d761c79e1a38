"""Heart, lungs, mediastinum, airway and aorta on masks of a real patient's CT.

What is expected was read off the projected masks with a ruler of another making: extents of the
arrays, not the measurements' own code; where the recipe has freedom, the value is written down.
"""

from collections.abc import Callable

import numpy as np
import pytest
from scipy import ndimage

from service.domain.measurement import MeasurementStatus
from service.measurements.registry import Subject, measure_all
from tests.golden import golden_frontal
from tests.unit.measurements.drawing import (
    enlarged,
    mirrored_film,
    mirrored_patient,
    moved,
    taken,
    values,
)

KEYS = (
    "aortic_knob_ratio",
    "aortic_knob_width",
    "cardiac_width",
    "cardiothoracic_ratio",
    "carinal_angle",
    "descending_aorta_width",
    "lung_area_left",
    "lung_area_ratio",
    "lung_area_right",
    "lung_height_left",
    "lung_height_right",
    "mediastinum_chest_ratio",
    "thoracic_width",
    "tracheal_deviation",
    "tracheal_deviation_ratio",
    "upper_mediastinal_width",
)
RECORDED = {
    "aortic_knob_width": 21.4,
    "carinal_angle": 67.2,
    "descending_aorta_width": 22.4,
    "tracheal_deviation": -2.1,
    "upper_mediastinal_width": 47.8,
}
"""What the recipes give; a change of a recipe has to be seen here and said in the changelog."""


def largest(subject: Subject, key: str) -> np.ndarray:
    labelled, _ = ndimage.label(subject.mask(key))
    sizes = np.bincount(labelled.ravel())
    sizes[0] = 0
    return labelled == sizes.argmax()


def reach(mask: np.ndarray, axis: int) -> tuple[int, int]:
    indices = np.flatnonzero(mask.any(axis=1 - axis))
    return int(indices[0]), int(indices[-1]) + 1


@pytest.fixture(scope="module")
def golden() -> Subject:
    return golden_frontal()


@pytest.fixture(scope="module")
def found(golden: Subject) -> dict[str, float | None]:
    return values(golden)


@pytest.mark.parametrize("key", KEYS)
def test_each_measurement_is_taken_and_shown(golden: Subject, key: str) -> None:
    measurement = taken(golden, key)

    assert measurement.status is MeasurementStatus.MEASURED, measurement.reason
    assert len(measurement.points) >= 2
    inside = np.array([golden.rows, golden.columns]) - 0.5
    for line in (measurement.points, *measurement.aids):
        assert (np.array(line) >= -0.5).all()
        assert (np.array(line) <= inside).all()


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_lung_s_area_counts_the_pixels_of_its_largest_piece(
    golden: Subject, found: dict[str, float | None], side: str
) -> None:
    pixel = golden.spacing.column_mm or 0.0

    assert found[f"lung_area_{side}"] == pytest.approx(
        largest(golden, f"{side}_lung_field").sum() * pixel**2
    )


@pytest.mark.parametrize("side", ["right", "left"])
def test_a_lung_is_as_high_as_its_middle_column_from_the_apex_on(
    golden: Subject, found: dict[str, float | None], side: str
) -> None:
    field = largest(golden, f"{side}_lung_field")
    low, high = reach(field, axis=1)
    dome = int(np.flatnonzero(field[:, (low + high) // 2])[-1]) + 1

    # The apex is a row that is filled a little, the dome a median: a few pixels either way.
    expected = (dome - reach(field, axis=0)[0]) * (golden.spacing.row_mm or 0.0)
    assert found[f"lung_height_{side}"] == pytest.approx(expected, abs=3.0)


def test_the_thorax_is_as_wide_as_both_lung_fields(
    golden: Subject, found: dict[str, float | None]
) -> None:
    fields = largest(golden, "right_lung_field") | largest(golden, "left_lung_field")
    low, high = reach(fields, axis=1)

    assert found["thoracic_width"] == pytest.approx((high - low) * 0.724, abs=1.5)


def test_the_heart_is_measured_without_the_vessel_that_hangs_on_to_it(
    golden: Subject, found: dict[str, float | None]
) -> None:
    heart = largest(golden, "heart")
    low, high = reach(heart, axis=1)
    thick = heart.sum(axis=0) >= 0.2 * heart.any(axis=1).sum()

    body = np.flatnonzero(thick)[[0, -1]] @ (-1, 1) + 1

    assert high - low > 1.1 * body
    assert found["cardiac_width"] == pytest.approx(body * 0.724, rel=0.05)


@pytest.mark.parametrize(("key", "value"), RECORDED.items())
def test_recipes_give_what_they_gave(
    found: dict[str, float | None], key: str, value: float
) -> None:
    assert found[key] == pytest.approx(value, abs=0.06)


def test_ratios_are_those_of_the_lines_that_are_drawn(golden: Subject) -> None:
    for key in ("cardiothoracic_ratio", "mediastinum_chest_ratio"):
        ratio = taken(golden, key)
        (aid,) = ratio.aids

        wide, wider = (abs(line[-1][1] - line[0][1]) for line in (ratio.points, aid))

        assert ratio.value == pytest.approx(wide / wider)


@pytest.mark.parametrize(
    ("change", "tolerance"),
    [
        pytest.param(mirrored_film, 0.015, id="mirrored film"),
        pytest.param(lambda subject: moved(subject, 7, 11), 1e-6, id="moved"),
        # The carina's notch has 17 rows here: where its tip ends is known to half a row.
        pytest.param(lambda subject: enlarged(subject, 2), 0.04, id="finer grid"),
    ],
)
def test_a_film_that_lies_otherwise_gives_the_same_values(
    golden: Subject,
    found: dict[str, float | None],
    change: Callable[[Subject], Subject],
    tolerance: float,
) -> None:
    changed = values(change(golden))

    assert {key: changed[key] for key in KEYS} == {
        key: pytest.approx(found[key], rel=tolerance, abs=tolerance) for key in KEYS
    }


def test_a_mirrored_patient_has_mirrored_values(
    golden: Subject, found: dict[str, float | None]
) -> None:
    swapped = values(mirrored_patient(golden))

    for name in ("lung_area", "lung_height"):
        assert swapped[f"{name}_right"] == pytest.approx(found[f"{name}_left"])
        assert swapped[f"{name}_left"] == pytest.approx(found[f"{name}_right"])
    assert swapped["tracheal_deviation"] == pytest.approx(-(found["tracheal_deviation"] or 0))
    assert swapped["lung_area_ratio"] == pytest.approx(1 / (found["lung_area_ratio"] or 0))
    # With the arch on the right there is no knob at the left of the trachea.
    assert (swapped["aortic_knob_width"] or 0.0) < (found["aortic_knob_width"] or 0.0)


def test_measuring_twice_gives_the_same(golden: Subject) -> None:
    assert measure_all(golden_frontal()) == measure_all(golden)
