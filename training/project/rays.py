"""Rays of a view as polylines through the volume, after pose and deformation.

A bundle holds where rays meet a few coronal planes of the room. Between these knots a ray is
straight, so a sample's position costs three multiplications, whatever the deformation.
"""

import math
from dataclasses import dataclass

import torch

from training.project.deformation import IDENTITY, Anatomy, Deformation, deform
from training.project.geometry import View, obliquity, ray_points, rotation

KNOT_MM = 16.0
"""Distance of knots in the patient where a deformation bends rays."""
MARGIN = 0.1
"""Of the half depth, sampled beyond the volume's box where the patient is bent."""

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Rays of one view.

    `knots` float32 (planes, rows, columns, 3) are patient points x, y, z in mm on a coarse raster
    that spans the picture's corner pixels and all sampling planes; between knots positions are
    trilinear. `samples` planes lie evenly along the depth, both ends included; `weight_mm`
    (rows, columns) is the length of ray that one sample stands for.
    """

    knots: torch.Tensor
    samples: int
    weight_mm: torch.Tensor


def ray_bundle(
    view: View, deformation: Deformation, anatomy: Anatomy, half_extent_mm: Point, step_mm: float
) -> Bundle:
    """Rays through a volume of this half extent (x, y, z), sampled every `step_mm` of depth."""
    turn = rotation(view)
    reach = _reach_mm(view, deformation, half_extent_mm, turn)
    samples = max(2, round(2 * reach / step_mm) + 1)
    planes, rows, columns = _knots(view, deformation, reach)
    points = ray_points(view, torch.linspace(-reach, reach, planes), rows, columns) @ turn.T
    knots = deform(points, deformation, anatomy, torch.tensor(half_extent_mm))
    step = 2 * reach / (samples - 1)
    return Bundle(knots.contiguous(), samples, step * obliquity(view))


def _reach_mm(
    view: View, deformation: Deformation, half_extent_mm: Point, turn: torch.Tensor
) -> float:
    """Half the depth in which the volume lies as the patient stands."""
    reach = float(turn[:, 1].abs() @ torch.tensor(half_extent_mm))
    bent = deformation != IDENTITY or view.is_tilted
    return reach * (1 + MARGIN) if bent else reach


def _knots(view: View, deformation: Deformation, reach: float) -> tuple[int, int, int]:
    """Straight rays need two knots per axis; bent ones need some per centimetre."""
    if deformation == IDENTITY:
        return 2, 2, 2
    spans = (2 * reach, view.rows * view.pixel_mm, view.columns * view.pixel_mm)
    planes, rows, columns = (max(2, math.ceil(span / KNOT_MM) + 1) for span in spans)
    return planes, min(rows, view.rows), min(columns, view.columns)
