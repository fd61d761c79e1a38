"""The grey values of real films, for projections to take on.

A projection has the tone curve that we give it; a film has what its machine, its processing and
its shutters made of it. Mapping a projection's distribution of grey values to a film's (histogram
matching) carries that over without any mask.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

LEVELS = np.linspace(0, 1, 129)
MOST_PIXELS = 8000


@dataclass(frozen=True, slots=True)
class Tones:
    """`quantiles` float32 (films, levels), each 0..1 and rising; `share` of projections toned."""

    quantiles: npt.NDArray[np.float32]
    share: float

    def apply(self, image: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
        """A picture 0..1 (rows, columns), for this share with the grey values of a random film.

        Part of the way only, as often as not: what lies between two films is a film as well.
        """
        if random.random() >= self.share:
            return image
        film = self.quantiles[int(random.integers(len(self.quantiles)))]
        toned = torch.from_numpy(matched(image.numpy(), film))
        return torch.lerp(image, toned, float(random.uniform(0.3, 1.0)))


def tones(films: Sequence[npt.NDArray[np.uint8]], share: float) -> Tones:
    """The distributions of the films' grey values; raises ValueError without a film."""
    if not films:
        raise ValueError("grey values of real films are wanted, but no folder with films was given")
    return Tones(np.stack([_quantiles((film / 255).astype(np.float32)) for film in films]), share)


def matched(
    image: npt.NDArray[np.float32], film: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """The picture with the quantiles (levels,) of a film; the order of its grey values stays."""
    own = _quantiles(image)
    rising = np.maximum.accumulate(own + np.arange(len(own), dtype=np.float32) * 1e-6)
    return np.asarray(np.interp(image, rising, film), np.float32)


def _quantiles(image: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    some = image.ravel()[:: max(1, image.size // MOST_PIXELS)]
    return np.asarray(np.quantile(some, LEVELS), np.float32)
