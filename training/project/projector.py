"""Projection of a labelled CT: line integrals and path lengths per label, in one view.

A view is one walk along all rays with equal steps of depth; each sample stands for a ray segment of
one step times the ray's obliquity. The image is kept as two line integrals, water-like and
bone-like, so that tube voltage (how much brighter bone is) can be chosen later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType

import torch

from training.channels import Layer
from training.project import kernel, reference
from training.project.deformation import Anatomy, Deformation
from training.project.geometry import View, ViewKind
from training.project.rays import ray_bundle
from training.project.scene_volume import AIR_HU, BITS, Prepared, Spacing, prepare

WATER_PER_MM = 0.0195  # linear attenuation of water at about 69 keV, a CT's mean energy
BONE_FROM_HU = 150.0

Paths = Mapping[Layer, Mapping[int, torch.Tensor]]
"""Path length in mm (rows, columns) of every structure number that a layer holds."""


@dataclass(frozen=True, slots=True)
class Scene:
    """`hu` int16 (z, y, x) and up to four layers of structure numbers, uint8 (z, y, x).

    Where they lie (CPU or GPU) is where projections are made. Orientations are prepared once and
    kept.
    """

    hu: torch.Tensor
    layers: Mapping[Layer, torch.Tensor]
    spacing_mm: tuple[float, float, float]
    anatomy: Anatomy
    prepared: dict[tuple[bool, int], Prepared] = field(default_factory=dict, repr=False)

    @property
    def half_extent_mm(self) -> tuple[float, float, float]:
        """Half the distance between the outermost voxel centres, (x, y, z)."""
        z, y, x = ((n - 1) / 2 * s for n, s in zip(self.hu.shape, self.spacing_mm, strict=True))
        return x, y, z

    def to(self, device: str | torch.device) -> "Scene":
        """The same scene on another device."""
        layers = {layer: labels.to(device) for layer, labels in self.layers.items()}
        return replace(self, hu=self.hu.to(device), layers=layers, prepared={})

    def oriented(self, *, sideways: bool, step_mm: float) -> Prepared:
        """The scene with the rays' axis innermost, thinned to about `step_mm` along it."""
        factor = max(1, round(step_mm / self.spacing_mm[2 if sideways else 1]))
        key = (sideways, factor)
        if key not in self.prepared:
            layers = list(self.layers.values())
            self.prepared[key] = prepare(
                self.hu, layers, self.spacing_mm, sideways=sideways, factor=factor
            )
        return self.prepared[key]


def only_labels(layers: Mapping[Layer, torch.Tensor], spacing_mm: Spacing, where: Anatomy) -> Scene:
    """A scene of which only path lengths are wanted: labels in air."""
    shape = next(iter(layers.values())).shape
    return Scene(torch.full(shape, AIR_HU, dtype=torch.int16), layers, spacing_mm, where)


@dataclass(frozen=True, slots=True)
class Projection:
    """`water` and `bone` line integrals (rows, columns); `paths` per layer and structure."""

    water: torch.Tensor
    bone: torch.Tensor
    paths: Paths


def project(scene: Scene, view: View, deformation: Deformation, step_mm: float) -> Projection:
    """Line integrals and path lengths of every structure for one view."""
    water, bone = line_integrals(scene, view, deformation, step_mm)
    return Projection(water, bone, path_lengths(scene, view, deformation, step_mm))


def line_integrals(
    scene: Scene, view: View, deformation: Deformation, step_mm: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Water-like and bone-like line integrals (rows, columns), without unit; air gives zero."""
    rays = ray_bundle(view, deformation, scene.anatomy, scene.half_extent_mm, step_mm)
    volume = scene.oriented(sideways=_is_sideways(view), step_mm=step_mm)
    per_sample = rays.weight_mm.to(scene.hu.device) * (WATER_PER_MM / -AIR_HU)
    bone_from = BONE_FROM_HU - AIR_HU
    water, bone = engine(scene).sums(volume.density, volume.density_at, rays, bone_from)
    return water * per_sample, bone * per_sample


def path_lengths(scene: Scene, view: View, deformation: Deformation, step_mm: float) -> Paths:
    """Path lengths as `project` gives them, without a picture."""
    volume = scene.oriented(sideways=_is_sideways(view), step_mm=step_mm)
    rays = ray_bundle(view, deformation, scene.anatomy, scene.half_extent_mm, step_mm)
    slots, order = _slots(volume.numbers)
    lengths = engine(scene).lengths(volume.codes, volume.codes_at, rays, slots)
    found = zip(scene.layers, order, strict=True)
    return {layer: {n: lengths[slot] for n, slot in part.items()} for layer, part in found}


def engine(scene: Scene) -> ModuleType:
    """The compiled projector on the CPU, PyTorch elsewhere; both give the same."""
    return kernel if scene.hu.device.type == "cpu" else reference


def _is_sideways(view: View) -> bool:
    return view.kind is ViewKind.LATERAL


def _slots(numbers: Sequence[Sequence[int]]) -> tuple[torch.Tensor, list[dict[int, int]]]:
    """A table (layers, 256) of places in the result, -1 for none, and the same as mappings."""
    table = torch.full((len(numbers), 2**BITS), -1)
    order: list[dict[int, int]] = []
    for layer, held in enumerate(numbers):
        first = sum(map(len, order))
        order.append({number: first + place for place, number in enumerate(held)})
        table[layer, list(held)] = torch.arange(first, first + len(held))
    return table, order
