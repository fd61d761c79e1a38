"""Bodies whose projections are known on paper."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from training.channels import Layer
from training.project.deformation import Anatomy, Deformation
from training.project.geometry import (
    View,
    ViewKind,
    frontal_view,
    lateral_view,
    project_patient_point,
)
from training.project.projector import Scene, line_integrals, path_lengths
from training.project.scene_volume import AIR_HU

NOWHERE = Anatomy((0.0, 0.0, 0.0), 1.0, 1.0, -1.0)
SPACING = (2.5, 1.5, 2.0)
SHAPE = (65, 107, 81)  # about 160 mm each way, all odd: a voxel lies in the origin
MIDDLE = (20, 21)
FRONTAL_GROWTH = [(ViewKind.PA, 1.3), (ViewKind.AP, 1.3)]
SIZE = (41, 43)


def _view(kind: ViewKind, *, parallel: bool = False) -> View:
    if kind is ViewKind.LATERAL:
        view = lateral_view(width_mm=160, gap_mm=20, centre=(0, 0), size=SIZE, pixel_mm=4.0)
    else:
        view = frontal_view(
            anteroposterior=kind is ViewKind.AP,
            depth_mm=160,
            gap_mm=20,
            centre=(0, 0),
            size=SIZE,
            pixel_mm=4.0,
        )
    return replace(view, is_parallel=parallel)


def _places() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Patient z, y, x in mm of every voxel centre."""
    axes = [(np.arange(n) - (n - 1) / 2) * s for n, s in zip(SHAPE, SPACING, strict=True)]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    return z, y, x


Z, Y, X = _places()


def _scene(body: np.ndarray) -> Scene:
    hu = torch.from_numpy(np.where(body, 0, AIR_HU).astype(np.int16))
    return Scene(hu, {Layer.ORGANS: torch.from_numpy(body.astype(np.uint8))}, SPACING, NOWHERE)


@settings(max_examples=12, deadline=None)
@given(
    kind=st.sampled_from(list(ViewKind)),
    parallel=st.booleans(),
    radius=st.floats(25, 55),
    angles=st.tuples(*[st.floats(-10, 10)] * 3),
)
def test_through_the_middle_of_a_ball_a_ray_is_as_long_as_its_diameter(
    *, kind: ViewKind, parallel: bool, radius: float, angles: tuple[float, float, float]
) -> None:
    yaw, pitch, roll = angles
    view = replace(_view(kind, parallel=parallel), yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll)

    paths = path_lengths(_scene(radius**2 > X**2 + Y**2 + Z**2), view, Deformation(), 1.0)

    # Either end lies within half a voxel's diagonal, 1.8 mm; samples are 1 mm apart.
    assert float(paths[Layer.ORGANS][1][MIDDLE]) == pytest.approx(2 * radius, abs=3.6)


@settings(max_examples=12, deadline=None)
@given(
    kind=st.sampled_from(list(ViewKind)),
    half=st.tuples(st.integers(5, 20), st.integers(5, 40), st.integers(5, 30)),
)
def test_the_shadow_of_a_box_has_its_size_and_depth(
    *, kind: ViewKind, half: tuple[int, int, int]
) -> None:
    z, y, x = half
    body = np.zeros(SHAPE, bool)
    body[32 - z : 33 + z, 53 - y : 54 + y, 40 - x : 41 + x] = True
    extent = [(2 * n + 1) * s for n, s in zip(half, SPACING, strict=True)]
    height, depth, width = extent
    if kind is ViewKind.LATERAL:
        depth, width = width, depth

    view = _view(kind, parallel=True)
    path = path_lengths(_scene(body), view, Deformation(), 0.5)[Layer.ORGANS][1]

    assert float(path[MIDDLE]) == pytest.approx(depth, abs=0.6)
    area = float((path > 0.5 * depth).sum()) * view.pixel_mm**2
    # Either border may lie up to half a pixel off.
    assert abs(area - width * height) <= view.pixel_mm * (width + height) + view.pixel_mm**2


@pytest.mark.parametrize("kind", [ViewKind.PA, ViewKind.AP])
def test_a_symmetric_body_gives_a_symmetric_picture(kind: ViewKind) -> None:
    body = ((np.abs(X) - 40) ** 2 + Y**2 + Z**2 < 30**2) | (X**2 + (Y - 50) ** 2 < 15**2)

    water, _ = line_integrals(_scene(body), _view(kind), Deformation(), 1.0)

    assert torch.allclose(water, water.flip(1), atol=1e-4)
    assert float(water.max()) > 0.5


def _where_it_is_densest(at_mm: tuple[float, float, float], view: View) -> tuple[float, float]:
    x, y, z = at_mm
    ball = (X - x) ** 2 + (Y - y) ** 2 + (Z - z) ** 2 < 8**2
    water, _ = line_integrals(_scene(ball), view, Deformation(), 1.0)
    rows, columns = torch.meshgrid(*map(torch.arange, water.shape), indexing="ij")
    total = water.sum()
    return float((rows * water).sum() / total), float((columns * water).sum() / total)


@pytest.mark.parametrize("kind", list(ViewKind))
@pytest.mark.parametrize("at_mm", [(30.0, -20.0, 40.0), (-36.0, 30.0, -25.0)])
def test_a_mark_lies_where_the_formula_says(
    kind: ViewKind, at_mm: tuple[float, float, float]
) -> None:
    view = replace(_view(kind), yaw_deg=7.0, pitch_deg=-5.0, roll_deg=3.0)

    # A ball's shadow is a little egg-shaped under a cone of rays.
    assert _where_it_is_densest(at_mm, view) == pytest.approx(
        project_patient_point(view, at_mm), abs=0.15
    )


def test_on_a_lateral_view_the_front_is_on_the_left_and_the_head_on_top() -> None:
    front_high = _where_it_is_densest((0.0, -40.0, 40.0), _view(ViewKind.LATERAL))

    assert front_high[0] < MIDDLE[0] - 5
    assert front_high[1] < MIDDLE[1] - 5


def test_on_a_left_lateral_view_the_right_side_is_enlarged_more() -> None:
    """The left side stands at the detector, the right one nearer to the source."""
    sizes = []
    for x in (-45.0, 45.0):
        ball = (X - x) ** 2 + Y**2 + Z**2 < 25**2
        path = path_lengths(_scene(ball), _view(ViewKind.LATERAL), Deformation(), 1.0)
        sizes.append(math.sqrt(float(path[Layer.ORGANS][1].sum())))
    right, left = sizes

    assert right / left == pytest.approx((1800 - 55) / (1800 - 145), rel=0.02)


@pytest.mark.parametrize(("kind", "across"), [*FRONTAL_GROWTH, (ViewKind.LATERAL, 1.09)])
def test_the_heart_grows_alike_in_every_view(kind: ViewKind, across: float) -> None:
    """It lives in the patient: 1.3 to the sides and in height, 1.09 towards spine and sternum."""
    anatomy = Anatomy((0.0, -10.0, 0.0), 38.0, 70.0, -70.0)
    heart = X**2 + (Y + 10) ** 2 + Z**2 < 38**2
    scene = replace(_scene(heart), anatomy=anatomy)
    view = replace(_view(kind), rows=81, columns=85, pixel_mm=2.0)
    areas = []
    for scale in (1.0, 1.3):
        path = path_lengths(scene, view, Deformation(heart_scale=scale), 1.0)[Layer.ORGANS][1]
        areas.append(int((path > 4).sum()))

    assert areas[1] / areas[0] == pytest.approx(1.3 * across, rel=0.08)


def test_the_spine_behind_a_large_heart_stays_as_it_is() -> None:
    anatomy = Anatomy((20.0, -25.0, -15.0), 25.0, 60.0, -60.0)
    scene = replace(_scene((X**2 + (Y - 40) ** 2 < 14**2) & (np.abs(Z) < 50)), anatomy=anatomy)
    small, large = (
        path_lengths(scene, _view(ViewKind.PA), Deformation(heart_scale=s), 1.0)[Layer.ORGANS][1]
        for s in (1.0, 2.0)
    )

    assert torch.allclose(small, large, atol=3.0)  # a sample or two at its border
