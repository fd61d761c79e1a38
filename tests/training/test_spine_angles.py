"""Cobb angle and kyphosis of simulated radiographs against the volume's own, in three dimensions.

The truth is fitted to the end plates of labelled voxels (`end_plates`), the value under test is
measured on masks that the perspective projector made. They need not be equal: a radiograph shows
plates turned about the ray as lines, so an angle of the volume is compared with the same angle of
the normals' projections on the coronal (or sagittal) plane.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from service.measurements.registry import MEASUREMENTS, measure, measure_all
from service.measurements.vertebral_column import LEVELS
from tests.training.bending import bent, radiograph
from tests.training.end_plates import (
    PlateNormals,
    coronal_tilt,
    in_front_of_canal,
    plate_normals,
    sagittal_tilt,
)
from training.golden.finer import finer
from training.golden.parts import SPINAL_CORD, VERTEBRAE, WHOLE
from training.ingest.nifti import read_nifti

AGREES = 5.0
VOXEL_MM = 1.0
SEEN = LEVELS[: LEVELS.index("l1") + 1]
CANAL, STERNUM = 98, 99


def cobb_of(plates: dict[str, PlateNormals]) -> float:
    """The largest angle between an upper plate and a lower one two or more vertebrae below."""
    upper = [coronal_tilt(one.upper) for one in plates.values()]
    lower = [coronal_tilt(one.lower) for one in plates.values()]
    pairs = ((i, j) for i in range(len(upper)) for j in range(i + 2, len(upper)))
    return max(abs(lower[j] - upper[i]) for i, j in pairs)


def kyphosis_of(plates: dict[str, PlateNormals]) -> float:
    """From T5 to T12, each midway between its plates: what the measurement is defined as."""
    upper, lower = plates["t5"], plates["t12"]
    return sagittal_tilt(lower.upper + lower.lower) - sagittal_tilt(upper.upper + upper.lower)


def outer_kyphosis_of(plates: dict[str, PlateNormals]) -> float:
    """From the upper plate of T5 to the lower one of T12: larger by half a wedge of each body."""
    return sagittal_tilt(plates["t12"].lower) - sagittal_tilt(plates["t5"].upper)


def measured(labels: np.ndarray, view: str, key: str) -> float:
    masks = {f"vertebra_{level}": labels == place for place, level in enumerate(SEEN, start=1)}
    masks["sternum"] = labels == STERNUM
    subject = radiograph({name: mask for name, mask in masks.items() if mask.any()}, view)
    measure_all(subject)
    found = measure(MEASUREMENTS.get(key), subject)[0]
    assert found.value is not None, found.reason
    return found.value


@cache
def drawn_spine() -> np.ndarray:
    """Fourteen elliptic cylinders with 3 mm discs, and a slab for a sternum in front."""
    z, y, x = np.ogrid[:330, :130, :200]
    labels = np.zeros((330, 130, 200), np.uint8)
    inside = ((y - 80) / 13) ** 2 + ((x - 99.5) / 17) ** 2 < 1
    for place in range(len(SEEN)):
        top = 318 - 22 * place
        labels[inside & (z >= top - 19) & (z < top)] = place + 1
    labels[(z > 120) & (z < 260) & (y > 5) & (y < 12) & (np.abs(x - 99.5) < 15)] = STERNUM
    return labels


@pytest.mark.slow
@pytest.mark.parametrize("amplitude", [0.0, 7.0, 15.0, 22.0, 30.0, -20.0])
def test_cobb_of_a_drawn_spine(amplitude: float) -> None:
    # The axis leans by +-amplitude at a quarter and three quarters: a curve of twice that.
    labels = bent(drawn_spine(), lambda z: amplitude * np.sin(np.pi * z / 160), 2, VOXEL_MM)
    truth = cobb_of(plates_of(labels))

    found = measured(labels, "frontal", "cobb_angle")

    assert truth == pytest.approx(2 * abs(amplitude), abs=4.0)
    assert found == pytest.approx(truth, abs=AGREES)


@pytest.mark.slow
@pytest.mark.parametrize("kyphosis", [0.0, 20.0, 40.0, 60.0])
def test_kyphosis_of_a_drawn_spine(kyphosis: float) -> None:
    # T5 to T12 are 173 mm long; the axis leans evenly, to the front above. So bent, each body is
    # a wedge, and from middle to middle of the two, 154 mm, the angle is smaller by one wedge.
    labels = bent(drawn_spine(), lambda z: -kyphosis * z / 173, 1, VOXEL_MM)
    plates = plates_of(labels)
    truth = kyphosis_of(plates)

    found = measured(labels, "lateral", "thoracic_kyphosis")

    assert outer_kyphosis_of(plates) == pytest.approx(kyphosis, abs=2.0)
    assert truth == pytest.approx(kyphosis * 154 / 173, abs=2.0)
    assert found == pytest.approx(truth, abs=AGREES)


def plates_of(labels: np.ndarray) -> dict[str, PlateNormals]:
    bodies = {level: labels == place for place, level in enumerate(SEEN, start=1)}
    return plate_normals({k: m for k, m in bodies.items() if m.sum() > 1000}, VOXEL_MM)


@pytest.fixture(scope="session")
def patient(shared_data: Path) -> np.ndarray:
    """Labels (z, y, x), 1 mm: whole vertebrae, the canal, the sternum of the labelled CT."""
    folder = shared_data / "data" / "ct" / "lidc-idri-0001"
    volume = read_nifti(folder / "ct.nii.gz", folder / "labels.nii.gz")
    assert volume.labels is not None
    wanted = {VERTEBRAE[f"vertebra_{level}"]: place for place, level in enumerate(SEEN, start=1)}
    wanted |= {SPINAL_CORD: CANAL, WHOLE["sternum"]: STERNUM}
    parts = {
        place: finer(volume.labels == number, volume.spacing_mm, VOXEL_MM)
        for number, place in wanted.items()
    }
    labels = np.zeros(next(iter(parts.values())).shape, np.uint8)
    for place, mask in parts.items():
        labels[mask] = place
    return labels


def patients_plates(labels: np.ndarray) -> dict[str, PlateNormals]:
    canal = labels == CANAL
    bodies = {}
    for place, level in enumerate(SEEN, start=1):
        vertebra = labels == place
        if vertebra.sum() > 1000:
            bodies[level] = in_front_of_canal(vertebra, canal, 3)
    return plate_normals(bodies, VOXEL_MM)


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("amplitude", [0.0, 4.0, 8.0, 14.0, -14.0])
def test_cobb_of_a_bent_patient(patient: np.ndarray, amplitude: float) -> None:
    labels = bent(patient, lambda z: amplitude * np.sin(np.pi * (z + 10) / 170), 2, VOXEL_MM)
    truth = cobb_of(patients_plates(labels))

    found = measured(labels, "frontal", "cobb_angle")

    assert 10 < truth < 45
    assert found == pytest.approx(truth, abs=AGREES)


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("amplitude", [0.0, 8.0, -8.0, 14.0])
def test_kyphosis_of_a_bent_patient(patient: np.ndarray, amplitude: float) -> None:
    labels = bent(patient, lambda z: amplitude * np.sin(np.pi * (z + 10) / 170), 1, VOXEL_MM)
    plates = patients_plates(labels)
    truth = kyphosis_of(plates)

    found = measured(labels, "lateral", "thoracic_kyphosis")

    assert 5 < truth < 60
    assert found == pytest.approx(truth, abs=AGREES)
    # These bodies are hardly wedges, so that the angle between the outer plates agrees as well.
    assert found == pytest.approx(outer_kyphosis_of(plates), abs=AGREES)
