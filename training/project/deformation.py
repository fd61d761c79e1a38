"""Bodies that the volume does not hold: other breath, larger heart, other proportions.

A deformation maps a patient point to the point of the volume that is sampled there, so a factor
below one in the map is an enlargement in the picture. Applied to a coarse set of ray points.
"""

from dataclasses import dataclass

import torch
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Anatomy:
    """World mm: heart centre (x, y, z) and radius, height (z) of lung top and bottom."""

    heart_centre_mm: tuple[float, float, float]
    heart_radius_mm: float
    lung_top_mm: float
    lung_bottom_mm: float


@dataclass(frozen=True, slots=True)
class Deformation:
    """`breath_mm` moves the diaphragm up when positive; `heart_scale` enlarges the heart above 1.

    `shoulders_mm` lowers the shoulders: CTs are made with raised arms, radiographs mostly are not.
    `habitus` scales (x, y, z); `wobble` (3, z, y, x) holds smooth random shifts in mm.
    """

    breath_mm: float = 0.0
    heart_scale: float = 1.0
    shoulders_mm: float = 0.0
    habitus: tuple[float, float, float] = (1.0, 1.0, 1.0)
    wobble: torch.Tensor | None = None


IDENTITY = Deformation()


def deform(
    points: torch.Tensor, deformation: Deformation, anatomy: Anatomy, extent_mm: torch.Tensor
) -> torch.Tensor:
    """Sampling points (..., 3) for patient points; `extent_mm` is half the volume (x, y, z)."""
    moved = points / torch.tensor(deformation.habitus)
    moved = _wobble(moved, deformation.wobble, extent_mm)
    moved = _drop_shoulders(moved, deformation.shoulders_mm, anatomy)
    moved = _breathe(moved, deformation.breath_mm, anatomy)
    return _scale_heart(moved, deformation.heart_scale, anatomy)


def _wobble(
    points: torch.Tensor, wobble: torch.Tensor | None, extent_mm: torch.Tensor
) -> torch.Tensor:
    if wobble is None:
        return points
    at = (points / extent_mm).reshape(1, -1, 1, 1, 3).clamp(-1, 1)
    shift = functional.grid_sample(wobble[None], at, align_corners=True)
    return points + shift.reshape(3, -1).T.reshape(points.shape)


SHOULDER_FROM_MM, SHOULDER_TO_MM = 55.0, 130.0  # distance from the midline: none to all
SHOULDER_BELOW_APEX_MM = 75.0


def _drop_shoulders(points: torch.Tensor, drop_mm: float, anatomy: Anatomy) -> torch.Tensor:
    """Shift down what lies lateral of and not far below the lungs' apices; lungs stay."""
    lateral = points[..., 0].abs()
    across = ((lateral - SHOULDER_FROM_MM) / (SHOULDER_TO_MM - SHOULDER_FROM_MM)).clamp(0, 1)
    height = points[..., 2] - anatomy.lung_top_mm
    upwards = (1 + height / SHOULDER_BELOW_APEX_MM).clamp(0, 1)
    shift = torch.zeros_like(points)
    shift[..., 2] = drop_mm * across * upwards
    return points + shift


def _breathe(points: torch.Tensor, breath_mm: float, anatomy: Anatomy) -> torch.Tensor:
    """Shift along z: nothing at the apex, all of it at the diaphragm and below."""
    depth = (anatomy.lung_top_mm - points[..., 2]) / (anatomy.lung_top_mm - anatomy.lung_bottom_mm)
    share = depth.clamp(0, 1) ** 1.5
    shift = torch.zeros_like(points)
    shift[..., 2] = -breath_mm * share
    return points + shift


FADE = 1.7
"""Near enough that the chest's wall does not grow with the heart, far enough that nothing folds."""
IN_DEPTH = 0.3
"""A large heart has little room towards spine and sternum: this share of its growth goes there."""
BEHIND_FROM, BEHIND_TO = 1.0, 1.5
"""Heart radii behind its centre between which the growth ends: the spine stays as it is."""


def _scale_heart(points: torch.Tensor, scale: float, anatomy: Anatomy) -> torch.Tensor:
    """Scale about the heart's centre, beyond its border less and less: at `FADE` radii nothing."""
    offset = points - torch.tensor(anatomy.heart_centre_mm)
    reach = offset.norm(dim=-1, keepdim=True) / (anatomy.heart_radius_mm * max(1.0, scale))
    behind = offset[..., 1:2] / anatomy.heart_radius_mm
    weight = ((FADE - reach) / (FADE - 1)).clamp(0, 1)
    weight = weight * ((BEHIND_TO - behind) / (BEHIND_TO - BEHIND_FROM)).clamp(0, 1)
    factors = torch.tensor([scale, 1 + IN_DEPTH * (scale - 1), scale])
    scaled: torch.Tensor = offset * (1 + (1 / factors - 1) * weight)
    return torch.tensor(anatomy.heart_centre_mm) + scaled
