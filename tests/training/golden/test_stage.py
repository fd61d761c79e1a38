"""From a labelled volume to packed masks."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from tests.golden import FOLDER, golden_frontal, golden_keys, golden_lateral
from training.golden.parts import Part
from training.golden.stage import FROM_CHANNELS, layered, save_masks, spacing_mm, write_golden
from training.golden.views import EXPOSURES, Exposure
from training.ingest.nifti import read_nifti
from training.ingest.volume import Volume
from training.project.geometry import project_patient_point


def test_overlapping_parts_go_to_different_layers() -> None:
    whole = np.ones((2, 2, 2), np.bool_)
    half, other = whole.copy(), whole.copy()
    half[0], other[1] = False, False

    layers = layered(
        [Part("half", half, 1.0), Part("whole", whole, 1.0), Part("other", other, 1.0)]
    )

    assert [[part.key for part in members] for _, members in layers] == [
        ["half", "other"],
        ["whole"],
    ]
    assert np.array_equal(layers[0][0] == 2, other)


def test_a_pixel_in_the_patient_is_smaller_than_one_of_the_detector() -> None:
    exposure = Exposure("any", turned=False, rows=10, columns=10, pixel_mm=0.8, gap_mm=30.0)

    # 1800 mm to the detector, which stands 30 mm behind a body 200 mm thick.
    assert spacing_mm(exposure, (300, 200, 400)) == pytest.approx(0.8 * (1800 - 130) / 1800)


def test_the_lateral_view_has_the_front_on_the_left_and_the_left_side_at_the_detector() -> None:
    view = next(e for e in EXPOSURES if e.turned).view((300, 200, 400))

    front = project_patient_point(view, (0.0, -80.0, 0.0))[1]
    back = project_patient_point(view, (0.0, 80.0, 0.0))[1]
    left_back = project_patient_point(view, (150.0, 80.0, 0.0))[1]
    right_back = project_patient_point(view, (-150.0, 80.0, 0.0))[1]

    assert front < (view.columns - 1) / 2 < left_back < back < right_back


def test_a_volume_without_labels_is_refused(phantom: Volume, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="labelled"):
        list(write_golden(phantom, tmp_path))


def test_the_same_masks_give_the_same_bytes(tmp_path: Path) -> None:
    masks = {"a": np.eye(9, dtype=np.bool_)}
    for name in ("one", "two"):
        save_masks(tmp_path / f"{name}.npz", masks, 0.5)

    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


@pytest.mark.parametrize("view", ["frontal", "lateral"])
def test_the_golden_masks_hold_what_measurements_ask_for(view: str) -> None:
    wanted = {f"vertebra_t{n}" for n in range(1, 13)} | {"vertebra_c7", "vertebra_l1", "spine"}
    for side in ("left", "right"):
        wanted |= {f"posterior_rib_{n}_{side}" for n in range(1, 12)} | {f"rib_12_{side}"}
        wanted |= {f"clavicle_{side}", f"scapula_{side}", f"{side}_lung_field", f"{side}_lung"}
        wanted |= {f"{side}_hemidiaphragm"}
    wanted |= {"heart", "sternum", "aorta", "ascending_aorta", "aortic_arch", "descending_aorta"}
    wanted |= {"trachea", "tracheal_bifurcation", "upper_mediastinum", "cardiomediastinum"}

    assert wanted <= set(golden_keys(view))


def test_right_is_on_the_left_of_the_frontal_picture_and_front_on_the_left_of_the_lateral() -> None:
    frontal, lateral = golden_frontal(), golden_lateral()

    assert frontal.shape("right_lung_field").centre[1] < frontal.shape("left_lung_field").centre[1]
    assert lateral.shape("sternum").centre[1] < lateral.shape("vertebra_t7").centre[1]


@pytest.mark.shared
@pytest.mark.slow
def test_golden_bones_vessels_and_airway_are_what_the_command_writes(
    shared_data: Path, tmp_path: Path
) -> None:
    folder = shared_data / "data" / "ct" / "lidc-idri-0001"

    written = list(
        write_golden(read_nifti(folder / "ct.nii.gz", folder / "labels.nii.gz"), tmp_path)
    )

    for path in written:
        with np.load(path) as made, np.load(FOLDER / path.name) as kept:
            keys = made["keys"].tolist()
            assert keys == kept["keys"].tolist()
            parts = [key not in {*FROM_CHANNELS, "upper_mediastinum"} for key in keys]
            assert sum(parts) > 50
            different = _masks(made)[parts] != _masks(kept)[parts]
            assert different.mean() < 1e-5  # another processor may round a ray to the next voxel


def _masks(file: Mapping[str, np.ndarray]) -> np.ndarray:
    shape = tuple(file["shape"])
    return np.unpackbits(file["bits"], count=int(np.prod(shape))).reshape(shape)
