"""The 3-D truth: planes fitted to the end plates of labelled vertebral bodies.

Written apart from the service's 2-D code, on voxels alone. A body is what lies in front of the
spinal canal. Its axis is that of the line through the bodies' centres; seen along it, each column
of voxels within 70 % of the body's radius gives one point of either plate, and a plane is fitted
to them by iteratively reweighted least squares.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

INNER = 0.7
CELL_MM = 1.0
REWEIGHTED = 10


@dataclass(frozen=True, slots=True)
class PlateNormals:
    """Unit normals (z, y, x), pointing to the head, of a vertebra's two end plates."""

    upper: np.ndarray
    lower: np.ndarray


def coronal_tilt(normal: np.ndarray) -> float:
    """Degrees that a plate descends to the patient's left, seen from the front."""
    return float(np.degrees(np.arctan2(normal[2], normal[0])))


def sagittal_tilt(normal: np.ndarray) -> float:
    """Degrees that a plate descends to the back, seen from the side."""
    return float(np.degrees(np.arctan2(normal[1], normal[0])))


def plate_normals(bodies: Mapping[str, np.ndarray], voxel_mm: float) -> dict[str, PlateNormals]:
    """Normals of the plates of bodies given as bool (z, y, x), in order from the neck down."""
    points = {key: np.argwhere(mask) * voxel_mm for key, mask in bodies.items()}
    centres = np.array([cloud.mean(axis=0) for cloud in points.values()])
    axes = -np.gradient(centres, axis=0)
    return {
        key: _plates(cloud, axis / np.linalg.norm(axis))
        for (key, cloud), axis in zip(points.items(), axes, strict=True)
    }


def in_front_of_canal(vertebra: np.ndarray, canal: np.ndarray, margin: int) -> np.ndarray:
    """The body: voxels (z, y, x) that lie `margin` voxels in front of the canal of their slice."""
    front = np.where(canal.any((1, 2)), canal.any(2).argmax(1), vertebra.shape[1])
    before = np.arange(vertebra.shape[1])[None, :] < front[:, None] - margin
    labelled, _ = ndimage.label(vertebra & before[:, :, None])
    sizes = np.bincount(labelled.ravel())
    sizes[0] = 0
    return labelled == sizes.argmax()


def _plates(cloud: np.ndarray, axis: np.ndarray) -> PlateNormals:
    for _ in range(3):
        first = np.cross([0.0, 1.0, 0.0], axis)
        first /= np.linalg.norm(first)
        second = np.cross(axis, first)
        local = (cloud - cloud.mean(axis=0)) @ np.stack([first, second, axis]).T
        normals = [
            _normal(local, top=top) @ np.stack([first, second, axis]) for top in (True, False)
        ]
        axis = sum(normals) / np.linalg.norm(sum(normals))
    return PlateNormals(*normals)


def _normal(local: np.ndarray, *, top: bool) -> np.ndarray:
    """Normal in local axes of the surface of points (n, 3) as seen along the third axis."""
    middle = (np.quantile(local[:, :2], 0.98, axis=0) + np.quantile(local[:, :2], 0.02, axis=0)) / 2
    radius = (np.quantile(local[:, :2], 0.98, axis=0) - np.quantile(local[:, :2], 0.02, axis=0)) / 2
    inner = local[(((local[:, :2] - middle) / radius) ** 2).sum(axis=1) < INNER**2]
    cells = np.round(inner[:, :2] / CELL_MM).astype(int)
    cells -= cells.min(axis=0)
    index = cells[:, 0] * (cells[:, 1].max() + 1) + cells[:, 1]
    order = np.lexsort((inner[:, 2] if not top else -inner[:, 2], index))
    _, firsts = np.unique(index[order], return_index=True)
    surface = inner[order][firsts]
    across, along, one = _plane(surface)
    del one
    normal = np.array([-across, -along, 1.0])
    return normal / np.linalg.norm(normal)


def _plane(surface: np.ndarray) -> np.ndarray:
    matrix = np.column_stack([surface[:, :2], np.ones(len(surface))])
    weights = np.ones(len(surface))
    for _ in range(REWEIGHTED):
        solved = np.linalg.lstsq(matrix * weights[:, None], surface[:, 2] * weights, rcond=None)[0]
        weights = 1 / np.sqrt(np.maximum(np.abs(matrix @ solved - surface[:, 2]), 0.5))
    return solved
