"""How a picture was stored, as its pixels say: view, polarity, mirrored, turned.

A small network of the model package (`training/gates/`) compares the 32 ways. It reads the very
tensor that the model reads; nothing is changed by what it says.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.inference.preprocess import Resampling, content_of

Plane = NDArray[np.float32]


class Way(NamedTuple):
    """Inverted (0, 1), then mirrored left to right (0, 1), then turned counter-clockwise (0-3)."""

    inverted: int
    mirrored: int
    turned: int


AS_HUNG = Way(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Storing:
    """shares: float32 (2 views, 2 polarities, 2 mirrors, 4 turns), probabilities; sum 1.

    Index 0 is frontal, bright = dense, the patient's left on the image's right, head up.
    """

    shares: NDArray[np.float32]

    @property
    def lateral(self) -> float:
        """Return the probability of a lateral view."""
        return float(self.shares[1].sum())

    @property
    def frontal(self) -> float:
        """Return the probability of a frontal view."""
        return float(self.shares[0].sum())

    @property
    def inverted(self) -> float:
        """Return the probability of dark = dense."""
        return float(self.shares[:, 1].sum())

    @property
    def turned(self) -> float:
        """Return the probability that the head is not at the top."""
        return float(self.shares[..., 1:].sum())

    @property
    def degrees(self) -> int:
        """Return by how much it was most probably turned, counter-clockwise."""
        return 90 * int(self.shares.sum(axis=(0, 1, 2)).argmax())

    @property
    def mirrored(self) -> float:
        """Return the probability that the sides are exchanged, if it is a frontal view."""
        frontal = self.shares[0]
        return float(frontal[:, 1].sum() / max(float(frontal.sum()), 1e-9))

    @property
    def way(self) -> Way:
        """Return the most probable way of storing."""
        ways = self.shares.sum(axis=0)
        inverted, mirrored, turned = np.unravel_index(int(ways.argmax()), ways.shape)
        return Way(int(inverted), int(mirrored), int(turned))


def as_hung(tensor: Plane, resampling: Resampling, way: Way) -> Plane:
    """Return a copy of the model's input, float32 (1, 1, size, size), with `way` undone.

    Only to ask whether it would then be a chest: masks are made of the picture as it is stored.
    Padding stays black.
    """
    changed = tensor.copy()
    if way.inverted:
        content = content_of(resampling)
        changed[0, 0, *content] = 1 - changed[0, 0, *content]
    changed = np.rot90(changed, -way.turned, (-2, -1))
    return np.ascontiguousarray(changed[..., ::-1] if way.mirrored else changed)
