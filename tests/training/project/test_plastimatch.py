"""Our geometry against plastimatch's on the same volume: what it should see, and where.

plastimatch's `uniform` algorithm interpolates as ours does, so line integrals may differ by a
thousandth; its `exact` one lets each voxel count as a block, which differs at every border.
"""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.peers import require
from tests.training.project.plastimatch import drr, write_mha
from training.ingest.volume import Volume
from training.project.deformation import Anatomy, Deformation
from training.project.geometry import View, frontal_view, lateral_view
from training.project.projector import WATER_PER_MM, Scene, line_integrals
from training.project.scene_volume import AIR_HU

SIZE, PIXEL_MM = (100, 100), 4.0
NOWHERE = Anatomy((0.0, 0.0, 0.0), 1.0, 1.0, -1.0)
VIEWS = {
    "PA": frontal_view(
        anteroposterior=False, depth_mm=240, gap_mm=30, centre=(0, 0), size=SIZE, pixel_mm=PIXEL_MM
    ),
    "AP": frontal_view(
        anteroposterior=True, depth_mm=240, gap_mm=30, centre=(0, 0), size=SIZE, pixel_mm=PIXEL_MM
    ),
    "lateral": lateral_view(width_mm=360, gap_mm=30, centre=(0, 0), size=SIZE, pixel_mm=PIXEL_MM),
}
INNER = np.s_[20:-20, 20:-20]
"""Rays that leave the volume above or below are continued by us and not by plastimatch."""


def _both(
    hu: np.ndarray, spacing: tuple[float, float, float], view: View, folder: Path, algorithm: str
) -> tuple[np.ndarray, np.ndarray]:
    """Lengths of water in mm, ours and plastimatch's."""
    program = require("plastimatch")
    density = ((np.maximum(hu, AIR_HU) - AIR_HU) / -AIR_HU).astype(np.float32)
    write_mha(folder / "density.mha", density, spacing)
    scene = Scene(torch.from_numpy(hu), {}, spacing, NOWHERE)
    water, bone = line_integrals(scene, view, Deformation(), 2.0)
    theirs = drr(program, folder / "density.mha", view, "-i", algorithm)
    return (water + bone).numpy() / WATER_PER_MM, theirs


@pytest.mark.parametrize("name", VIEWS)
def test_line_integrals_are_those_of_plastimatch(
    phantom: Volume, name: str, tmp_path: Path
) -> None:
    ours, theirs = _both(phantom.hu, phantom.spacing_mm, VIEWS[name], tmp_path, "uniform")

    assert np.corrcoef(ours[INNER].ravel(), theirs[INNER].ravel())[0, 1] > 0.9995
    assert np.abs(ours - theirs)[INNER].mean() < 0.004 * theirs[INNER].mean()


@pytest.mark.parametrize("name", VIEWS)
def test_voxels_as_blocks_give_the_same_picture_but_for_borders(
    phantom: Volume, name: str, tmp_path: Path
) -> None:
    ours, theirs = _both(phantom.hu, phantom.spacing_mm, VIEWS[name], tmp_path, "exact")

    assert np.corrcoef(ours[INNER].ravel(), theirs[INNER].ravel())[0, 1] > 0.99
    assert np.median(ours[INNER] / theirs[INNER]) == pytest.approx(1, abs=0.005)


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("at", [(30, 40, 20), (10, 15, 50), (35, 12, 12)])
def test_a_landmark_lies_where_plastimatch_sees_it(
    name: str, at: tuple[int, int, int], tmp_path: Path
) -> None:
    hu = np.full((41, 61, 61), AIR_HU, np.int16)
    z, y, x = at
    hu[z - 1 : z + 2, y - 1 : y + 2, x - 1 : x + 2] = 2000

    pictures = _both(hu, (5.0, 4.0, 4.0), VIEWS[name], tmp_path, "uniform")

    ours, theirs = (_centre(picture) for picture in pictures)
    assert ours == pytest.approx(theirs, abs=0.1)  # pixels of 4 mm


def _centre(picture: np.ndarray) -> tuple[float, float]:
    rows, columns = np.indices(picture.shape)
    total = picture.sum()
    return float((rows * picture).sum() / total), float((columns * picture).sum() / total)
