"""The student: a small 3-D network that learns what the ensemble's members agree on.

Its predictions are one more proposal in the next round. It sees coarse voxels, so that a whole
chest is a few patches, and where members disagree or a class is unknown it is taught nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from monai.inferers.inferer import SlidingWindowInferer
from monai.networks.nets.segresnet import SegResNet
from scipy import ndimage

from training.durable import whole_file
from training.ingest.volume import Volume
from training.label.labelled import Labels

LOWEST_HU, HIGHEST_HU = -1000.0, 600.0
IGNORED = 255


@dataclass(frozen=True, slots=True)
class Shape:
    """What a student sees: voxels of `spacing_mm`, cubes of `patch` voxels, first layer's width."""

    spacing_mm: float = 3.0
    patch: int = 64
    width: int = 8


@dataclass(frozen=True, slots=True)
class Lesson:
    """One volume with what is agreed on; `agreed` False (z, y, x) gives no gradient."""

    volume: Volume
    labels: Labels
    agreed: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Student:
    """A network and the class ids of its channels; channel 0 is none of them."""

    network: SegResNet
    ids: tuple[int, ...]
    shape: Shape

    @classmethod
    def new(cls, ids: Sequence[int], shape: Shape, seed: int) -> "Student":
        """Make an untaught student."""
        torch.manual_seed(seed)
        network = SegResNet(
            spatial_dims=3,
            init_filters=shape.width,
            in_channels=1,
            out_channels=len(ids) + 1,
            blocks_down=(1, 2, 2),
            blocks_up=(1, 1),
        )
        return cls(network, tuple(ids), shape)

    def predict(self, volume: Volume) -> Labels:
        """Return class ids on the volume's own grid."""
        coarse = torch.from_numpy(_seen(volume, self.shape.spacing_mm))[None, None]
        inferer = SlidingWindowInferer((self.shape.patch,) * 3, overlap=0.25, mode="gaussian")
        self.network.eval()
        with torch.inference_mode():
            scores = torch.as_tensor(inferer(coarse, self.network))
        table = np.array([0, *self.ids], np.uint8)
        chosen = table[scores[0].argmax(0).numpy()]
        zoom = [n / m for n, m in zip(volume.hu.shape, chosen.shape, strict=True)]
        return np.asarray(
            ndimage.zoom(chosen, zoom, order=0, grid_mode=True, mode="nearest"), np.uint8
        )

    def save(self, path: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        shape = (self.shape.spacing_mm, self.shape.patch, self.shape.width)
        content = {"state": self.network.state_dict(), "ids": self.ids, "shape": shape}
        with whole_file(path) as temporary:
            torch.save(content, temporary)

    @classmethod
    def load(cls, path: Path) -> "Student":
        """Read a checkpoint (weights only, no code)."""
        content = torch.load(path, weights_only=True)
        student = cls.new(content["ids"], Shape(*content["shape"]), 0)
        student.network.load_state_dict(content["state"])
        return student


def teach(student: Student, lessons: Sequence[Lesson], steps: int, seed: int) -> list[float]:
    """Train in place on random patches; returns the loss of every step."""
    chance = np.random.default_rng(seed)
    pages = [_page(student, lesson) for lesson in lessons]
    optimiser = torch.optim.AdamW(student.network.parameters(), lr=2e-3)
    losses = []
    student.network.train()
    for _ in range(steps):
        image, target = _patch(*pages[chance.integers(len(pages))], student.shape.patch, chance)
        optimiser.zero_grad()
        scores = student.network(image[None, None])
        loss = torch.nn.functional.cross_entropy(scores, target[None], ignore_index=IGNORED)
        if bool((target != IGNORED).any()):
            loss.backward()
            optimiser.step()
            losses.append(float(loss.detach()))
    return losses


def _seen(volume: Volume, spacing_mm: float) -> npt.NDArray[np.float32]:
    """HU on the student's grid, scaled to -1 .. 1."""
    coarse = volume.resampled(spacing_mm).hu.astype(np.float32)
    middle, half = (HIGHEST_HU + LOWEST_HU) / 2, (HIGHEST_HU - LOWEST_HU) / 2
    return np.asarray(np.clip((coarse - middle) / half, -1, 1), np.float32)


def _page(student: Student, lesson: Lesson) -> tuple[torch.Tensor, torch.Tensor]:
    """A lesson on the student's grid: picture, and channel or IGNORED per voxel."""
    seen = _seen(lesson.volume, student.shape.spacing_mm)
    table = np.zeros(256, np.uint8)
    table[list(student.ids)] = np.arange(1, len(student.ids) + 1)
    target = np.where(lesson.agreed, table[lesson.labels], IGNORED).astype(np.uint8)
    index = [
        ((np.arange(new) + 0.5) * old / new).astype(int)
        for new, old in zip(seen.shape, target.shape, strict=True)
    ]
    return torch.from_numpy(seen), torch.from_numpy(target[np.ix_(*index)].astype(np.int64))


def _patch(
    image: torch.Tensor, target: torch.Tensor, size: int, chance: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """A random cube; a smaller volume is continued by air that teaches nothing."""
    lack = [max(0, size - n) for n in image.shape]
    pad = [v for n in reversed(lack) for v in (0, n)]
    image = torch.nn.functional.pad(image, pad, value=-1.0)
    target = torch.nn.functional.pad(target, pad, value=IGNORED)
    start = [int(chance.integers(n - size + 1)) for n in image.shape]
    cube = tuple(slice(s, s + size) for s in start)
    return image[cube], target[cube]
