"""Frontal and lateral projections of CT volumes, to tell the two views apart.

No labels are needed: the lungs are framed by their air.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from training.ingest.nifti import read_nifti
from training.ingest.volume import AIR_HU, Volume
from training.label.rules import LUNG_HU, find_body
from training.project.deformation import Anatomy
from training.project.projector import Scene, line_integrals
from training.project.sampling import (
    random_deformation,
    random_lateral_deformation,
    random_lateral_view,
    random_view,
    shown_rows,
)
from training.project.scene import ABOVE_SCAN_MM, BELOW_SCAN_MM, Framing

VOXEL_MM = 3.0
STEP_MM = 4.0
SIZE = 128
BONE = (0.3, 2.5)
"""How much brighter than water-like tissue bone may be: tube voltage."""

Picture = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Projected:
    """One projection, float32 (rows, columns), bright = dense, and whether it is a lateral."""

    pixels: Picture
    is_lateral: bool


def project_volume(path: Path, views: int, seed: int) -> Iterator[Projected]:
    """Yield `views` frontal and as many lateral random projections of one CT."""
    random = np.random.default_rng([seed, *path.parent.name.encode()])
    volume = _without_couch(read_nifti(path, None).resampled(VOXEL_MM))
    scene, framing = _scene(volume)
    for is_lateral in (False, True):
        for _ in range(views):
            yield Projected(
                _random_projection(scene, framing, random, is_lateral=is_lateral), is_lateral
            )


def _without_couch(volume: Volume) -> Volume:
    body = find_body(volume)
    return replace(volume, hu=np.where(body, volume.hu, np.int16(AIR_HU)))


def _scene(volume: Volume) -> tuple[Scene, Framing]:
    """A scene without structures, framed by the air inside the body."""
    (bottom, top), (front, back), (low, high) = _lungs_mm(volume)
    half = volume.hu.shape[0] / 2 * volume.spacing_mm[0]
    tolerance = 3 * volume.spacing_mm[0]
    below = 0.0 if bottom < -half + tolerance else BELOW_SCAN_MM
    above = 0.0 if top > half - tolerance else ABOVE_SCAN_MM
    _, depth, width = (n * s for n, s in zip(volume.hu.shape, volume.spacing_mm, strict=True))
    lungs = (high, low, top, bottom)
    framing = Framing(*lungs, half + above, -half - below, depth, front, back, width)
    centre = ((low + high) / 2, (front + back) / 2, bottom + 0.3 * (top - bottom))
    anatomy = Anatomy(centre, 55.0, top, bottom)
    hu = torch.from_numpy(np.ascontiguousarray(volume.hu))
    return Scene(hu, {}, volume.spacing_mm, anatomy), framing


def _lungs_mm(volume: Volume) -> list[tuple[float, float]]:
    """World coordinates (z, y, x) between which nearly all air inside the body lies."""
    air = np.nonzero((volume.hu < LUNG_HU) & find_body(volume))
    found = []
    for index, count, spacing in zip(air, volume.hu.shape, volume.spacing_mm, strict=True):
        low, high = (np.percentile(index, [0.5, 99.5]) - (count - 1) / 2) * spacing
        found.append((float(low), float(high)))
    return found


def _random_projection(
    scene: Scene, framing: Framing, random: np.random.Generator, *, is_lateral: bool
) -> Picture:
    look, bend = (
        (random_lateral_view, random_lateral_deformation)
        if is_lateral
        else (random_view, random_deformation)
    )
    view, deformation = look(random, framing, SIZE), bend(random)
    water, bone = line_integrals(scene, view, deformation, STEP_MM)
    first, last = shown_rows(view, framing)
    pixels = (water + float(random.uniform(*BONE)) * bone).numpy()[first:last]
    return np.asarray(pixels, dtype=np.float32)
