"""The compiled projector and the PyTorch reference see the same."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.channels import Layer
from training.project import kernel, reference
from training.project.deformation import Anatomy, Deformation
from training.project.geometry import View, frontal_view, lateral_view
from training.project.projector import Scene, path_lengths
from training.project.rays import ray_bundle

STEP_MM = 1.87
BONE_FROM = 1150.0
ANATOMY = Anatomy((10.0, -5.0, -8.0), 22.0, 40.0, -35.0)


def _scene() -> Scene:
    """Blobs of tissue and bone under three layers of labels, no axis like another."""
    random = np.random.default_rng(5)
    hu = np.full((33, 43, 51), -1000, np.int16)
    hu[:, 4:38, 6:45] = random.integers(-900, 1500, (33, 34, 39))
    layers = {layer: _boxes(random) for layer in Layer}
    return Scene(torch.from_numpy(hu), layers, (3.0, 2.0, 2.5), ANATOMY)


def _boxes(random: np.random.Generator) -> torch.Tensor:
    """Labels 0 to 8 in boxes of 1 x 3 x 3 voxels."""
    coarse = random.integers(0, 9, (33, 15, 17), dtype=np.uint8)
    return torch.from_numpy(coarse.repeat(3, 1).repeat(3, 2)[:, :43])


SCENE = _scene()


def _view(*, lateral: bool, parallel: bool, angles: tuple[float, float, float]) -> View:
    # Odd numbers, so that no whole plane of samples lies between two voxels.
    size, centre = (37, 43), (6.137, -4.271)
    if lateral:
        view = lateral_view(
            width_mm=127, gap_mm=20, centre=centre, size=size, pixel_mm=3.071, angles=angles
        )
    else:
        view = frontal_view(
            anteroposterior=False,
            depth_mm=84,
            gap_mm=20,
            centre=centre,
            size=size,
            pixel_mm=3.071,
            angles=angles,
        )
    return replace(view, is_parallel=parallel)


@settings(max_examples=15, deadline=None)
@given(
    lateral=st.booleans(),
    parallel=st.booleans(),
    angles=st.tuples(*[st.floats(-8, 8)] * 3),
    heart_scale=st.sampled_from([1.0, 1.3]),
    breath_mm=st.sampled_from([0.0, 12.0]),
)
def test_both_projectors_agree(
    *,
    lateral: bool,
    parallel: bool,
    angles: tuple[float, float, float],
    heart_scale: float,
    breath_mm: float,
) -> None:
    view = _view(lateral=lateral, parallel=parallel, angles=angles)
    bend = Deformation(breath_mm=breath_mm, heart_scale=heart_scale)
    rays = ray_bundle(view, bend, ANATOMY, SCENE.half_extent_mm, STEP_MM)
    volume = SCENE.oriented(sideways=lateral, step_mm=STEP_MM)
    slots = torch.arange(27).reshape(3, 9)
    slots = torch.nn.functional.pad(slots, (0, 256 - 9), value=-1)
    slots[:, 0] = -1

    compiled = kernel.sums(volume.density, volume.density_at, rays, BONE_FROM)
    expected = reference.sums(volume.density, volume.density_at, rays, BONE_FROM)
    for one, other in zip(compiled, expected, strict=True):
        assert torch.allclose(one, other, atol=1.0)  # of some 50000, HU above air
    lengths = kernel.lengths(volume.codes, volume.codes_at, rays, slots)
    difference = (lengths - reference.lengths(volume.codes, volume.codes_at, rays, slots)).abs()
    # A sample on the face between two voxels may fall to either.
    assert float(difference.max()) < 1.01 * float(rays.weight_mm.max())
    assert float((difference > 1e-3).float().mean()) < 0.002


def test_every_label_that_a_layer_holds_has_its_length() -> None:
    view = _view(lateral=False, parallel=True, angles=(0.0, 0.0, 0.0))

    paths = path_lengths(SCENE, view, Deformation(), STEP_MM)

    for layer, labels in SCENE.layers.items():
        assert set(paths[layer]) == set(labels.unique().tolist()) - {0}


def test_lengths_of_disjoint_labels_add_up_to_the_depth() -> None:
    labels = torch.ones(20, 21, 22, dtype=torch.uint8)
    labels[:, 7:12], labels[:, 12:] = 2, 3
    hu = torch.zeros(labels.shape, dtype=torch.int16)
    scene = Scene(hu, {Layer.ORGANS: labels}, (2.0, 2.0, 2.0), ANATOMY)
    view = replace(
        _view(lateral=False, parallel=True, angles=(0.0, 0.0, 0.0)), rows=5, columns=5, pixel_mm=1.0
    )

    paths = path_lengths(scene, view, Deformation(), 2.0)[Layer.ORGANS]

    assert {n: float(path[2, 2]) for n, path in paths.items()} == {
        1: pytest.approx(7 * 2.0),
        2: pytest.approx(5 * 2.0),
        3: pytest.approx(9 * 2.0),
    }


def test_a_pixel_outside_the_volume_sees_nothing() -> None:
    view = _view(lateral=False, parallel=False, angles=(0.0, 0.0, 0.0))
    rays = ray_bundle(view, Deformation(), ANATOMY, SCENE.half_extent_mm, STEP_MM)
    volume = SCENE.oriented(sideways=False, step_mm=STEP_MM)

    total, bone = kernel.sums(volume.density, volume.density_at, rays, BONE_FROM)

    # The body is 39 voxels of 2.5 mm wide, the picture 43 pixels of 3 mm, off centre by 6 mm.
    assert float(total[:, -1].max()) == float(bone[:, -1].max()) == 0.0
    assert float(total[18, 20]) > 0
