import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.project.deformation import Anatomy, Deformation
from training.project.geometry import View, frontal_view, obliquity, project_point, ray_points
from training.project.projector import Scene, line_integrals
from training.project.scene_volume import AIR_HU

ANATOMY = Anatomy((0.0, 0.0, 0.0), 50.0, 100.0, -100.0)
SHAPE = (41, 41, 41)  # odd, so that a voxel centre lies in the world's origin
SPACING = 5.0


def _view(*, anteroposterior: bool) -> View:
    return frontal_view(
        anteroposterior=anteroposterior,
        depth_mm=200.0,
        gap_mm=40.0,
        centre=(0.0, 0.0),
        size=(128, 128),
        pixel_mm=2.0,
    )


def _scene(hu: torch.Tensor) -> Scene:
    return Scene(hu, {}, (SPACING,) * 3, ANATOMY)


@settings(max_examples=12, deadline=None)
@given(
    index=st.tuples(*[st.integers(4, 36)] * 3),
    anteroposterior=st.booleans(),
)
def test_a_dense_voxel_lands_where_the_pinhole_formula_says(
    *, index: tuple[int, int, int], anteroposterior: bool
) -> None:
    z, y, x = index
    hu = torch.full(SHAPE, AIR_HU, dtype=torch.int16)
    hu[z, y, x] = 0
    view = _view(anteroposterior=anteroposterior)
    image = line_integrals(_scene(hu), view, Deformation(), 2.5)[0].numpy()
    rows, columns = np.indices(image.shape)
    seen = ((rows * image).sum() / image.sum(), (columns * image).sum() / image.sum())
    world = tuple((i - 20) * SPACING for i in (x, y, z))
    assert seen == pytest.approx(project_point(view, world), abs=0.35)  # type: ignore[arg-type]


def test_the_patients_left_is_on_the_right_of_the_picture_and_the_head_on_top() -> None:
    for anteroposterior in (False, True):
        view = _view(anteroposterior=anteroposterior)
        row, column = project_point(view, (50.0, 0.0, 60.0))
        assert column > (view.columns - 1) / 2
        assert row < (view.rows - 1) / 2


def test_what_is_nearer_to_the_source_is_larger() -> None:
    view = _view(anteroposterior=False)  # source behind the patient, y positive
    middle = (view.columns - 1) / 2
    front = project_point(view, (50.0, -80.0, 0.0))[1] - middle
    back = project_point(view, (50.0, 80.0, 0.0))[1] - middle
    # similar triangles: source to detector over source to point
    assert front == pytest.approx(50 * 1800 / (1800 - 60) / 2.0)
    assert back == pytest.approx(50 * 1800 / (1800 - 220) / 2.0)


def test_source_to_detector_is_180_cm_for_pa_and_100_cm_for_ap() -> None:
    assert _view(anteroposterior=False).source_to_detector_mm == pytest.approx(1800)
    assert _view(anteroposterior=True).source_to_detector_mm == pytest.approx(1000)


def test_rays_are_longer_towards_the_rim_by_the_cosine() -> None:
    view = _view(anteroposterior=True)
    rim = 127 / 2 * 2.0
    expected = (1000**2 + 2 * rim**2) ** 0.5 / 1000
    assert float(obliquity(view)[0, 0]) == pytest.approx(expected)


def test_coarse_ray_points_interpolate_without_error() -> None:
    view = _view(anteroposterior=True)
    planes = torch.linspace(-100, 100, 9)
    full = ray_points(view, planes, 9, 9)
    coarse = ray_points(view, planes[::4], 3, 3).permute(3, 0, 1, 2)[None]
    filled = torch.nn.functional.interpolate(
        coarse, size=(9, 9, 9), mode="trilinear", align_corners=True
    )
    assert torch.allclose(filled[0].permute(1, 2, 3, 0), full, atol=1e-3)
