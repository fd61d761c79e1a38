"""Random exposures: position, framing, breath, heart size and build, drawn from one seed."""

from dataclasses import replace

import numpy as np
import torch

from training.project.deformation import Deformation
from training.project.geometry import View, frontal_view, lateral_view
from training.project.scene import Framing

WOBBLE_MM = 7.0
WOBBLE_KNOTS = 5
ANTEROPOSTERIOR = 0.25
SMALLEST_HEART, HEART_SPAN = 0.75, 1.35
"""Cardiothoracic ratios of the views then run from 0.35 to 0.75; see docs/projection.md."""
LATERAL_ENLARGED = 1.15  # detector over patient, about


def random_view(random: np.random.Generator, framing: Framing, size: int) -> View:
    """A square frontal view; three in four are PA, as in an outpatient department."""
    anteroposterior = bool(random.random() < ANTEROPOSTERIOR)
    width = (framing.lung_left_mm - framing.lung_right_mm) * random.uniform(1.12, 1.6)
    height = (framing.lung_top_mm - framing.lung_bottom_mm) * random.uniform(1.15, 1.5)
    side = max(width, height) * (1.2 if anteroposterior else 1.1)
    centre_x = (framing.lung_right_mm + framing.lung_left_mm) / 2 + random.normal(0, 12)
    centre_z = (framing.lung_top_mm + framing.lung_bottom_mm) / 2 + random.normal(-10, 20)
    angles = (random.normal(0, 4), random.normal(0, 5), random.normal(0, 2.5))
    return frontal_view(
        anteroposterior=anteroposterior,
        depth_mm=framing.body_depth_mm,
        gap_mm=random.uniform(10, 60),
        centre=(centre_x, centre_z),
        size=(size, size),
        pixel_mm=side / size,
        angles=angles,
    )


def random_lateral_view(random: np.random.Generator, framing: Framing, size: int) -> View:
    """A square left lateral view, from close collimation to the whole trunk."""
    depth = (framing.lung_back_mm - framing.lung_front_mm) * random.uniform(1.25, 1.8)
    height = (framing.lung_top_mm - framing.lung_bottom_mm) * random.uniform(1.15, 1.5)
    centre_y = (framing.lung_front_mm + framing.lung_back_mm) / 2 + random.normal(0, 12)
    centre_z = (framing.lung_top_mm + framing.lung_bottom_mm) / 2 + random.normal(-10, 20)
    return lateral_view(
        width_mm=framing.body_width_mm,
        gap_mm=random.uniform(10, 60),
        centre=(centre_y, centre_z),
        size=(size, size),
        pixel_mm=LATERAL_ENLARGED * max(depth, height) / size,
        angles=(random.normal(0, 5), random.normal(0, 3), random.normal(0, 3)),
    )


def random_deformation(random: np.random.Generator) -> Deformation:
    """Breath from deep to shallow, heart from slim to failing, thin to wide bodies."""
    knots = (3, WOBBLE_KNOTS, WOBBLE_KNOTS, WOBBLE_KNOTS)
    wobble = torch.from_numpy(random.normal(0, WOBBLE_MM, knots).astype(np.float32))
    return Deformation(
        breath_mm=float(random.uniform(-20, 45)),
        heart_scale=SMALLEST_HEART + float(HEART_SPAN * random.beta(1.3, 2.2)),
        shoulders_mm=float(random.uniform(0, 60)),
        habitus=(float(random.uniform(0.88, 1.12)), 1.0, float(random.uniform(0.9, 1.1))),
        wobble=wobble,
    )


def random_lateral_deformation(random: np.random.Generator) -> Deformation:
    """As for frontal views, but arms stay raised, as they are for a lateral radiograph too."""
    return replace(random_deformation(random), shoulders_mm=0.0)


def shown_rows(view: View, framing: Framing) -> tuple[int, int]:
    """First and last (exclusive) detector row inside what the scan can honestly show."""
    magnification = view.source_to_detector_mm / abs(view.source_y_mm)
    top = view.centre_z_mm - framing.shown_top_mm
    bottom = view.centre_z_mm - framing.shown_bottom_mm
    rows = [z * magnification / view.pixel_mm + view.rows / 2 for z in (top, bottom)]
    first, last = (int(min(max(r, 0), view.rows)) for r in rows)
    return first, last
