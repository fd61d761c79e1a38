"""A labelled volume: layers of disjoint structures, and which of them are known at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.channels import Layer, number_of
from training.durable import whole_file

Mask = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.uint8]
KNOWN = "known"


@dataclass(frozen=True, slots=True)
class LabelledVolume:
    """`layers` hold structure numbers, uint8 (z, y, x) of one shape; 0 is nothing.

    `known` holds keys of channels. A key that is not in it was not looked for or is not trusted
    here: its absence from the arrays says nothing, and it must not be taught with this volume.
    A known key without voxels is truly absent.
    """

    layers: Mapping[Layer, Labels]
    known: frozenset[str]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(z, y, x) of every layer."""
        depth, height, width = self.layers[Layer.ORGANS].shape
        return depth, height, width

    def mask(self, *keys: str, layer: Layer = Layer.ORGANS) -> Mask:
        """Voxels of any of the structures in one layer."""
        return np.isin(self.layers[layer], [number_of(key) for key in keys])

    def resampled_to(self, shape: tuple[int, ...]) -> "LabelledVolume":
        """The same labels on a grid of another shape over the same extent (nearest neighbour)."""
        axes = [
            ((np.arange(new) + 0.5) * old / new).astype(int)
            for new, old in zip(shape, self.shape, strict=True)
        ]
        layers = {layer: labels[np.ix_(*axes)] for layer, labels in self.layers.items()}
        return LabelledVolume(layers, self.known)

    def save(self, path: Path) -> None:
        """Write as npz, whole or not at all."""
        arrays = {layer.value: labels for layer, labels in self.layers.items()}
        known = np.array(sorted(self.known), dtype=np.str_)
        with whole_file(path) as temporary:
            np.savez_compressed(temporary, known=known, **arrays)  # type: ignore[arg-type]

    @classmethod
    def load(cls, path: Path) -> "LabelledVolume":
        """Read what `save` wrote."""
        with np.load(path) as file:
            layers = {Layer(name): file[name] for name in file.files if name != KNOWN}
            return cls(layers, frozenset(file[KNOWN].tolist()))
