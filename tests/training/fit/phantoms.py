"""Sources of tiny pictures whose masks can be read off them."""

from collections.abc import Sequence

import numpy as np
import torch

from training.channels import TRAINED, trained_index
from training.fit.dataset import Sample
from training.fit.settings import FitSettings
from training.project.masks import pack

KEYS = ("heart", "right_lung", "left_lung")
SIDE = 48


class Discs:
    """Pictures with a dense disc, the heart, between two dark ones, the lungs."""

    def __init__(
        self, count: int = 4, *, known: Sequence[str] = KEYS, is_film: bool = False, seed: int = 0
    ) -> None:
        self.known = np.isin([channel.key for channel in TRAINED], known)
        random = np.random.default_rng(seed)
        self._samples = [self._sample(random, is_film=is_film) for _ in range(count)]

    def _sample(self, random: np.random.Generator, *, is_film: bool) -> Sample:
        rows, columns = np.mgrid[0:SIDE, 0:SIDE]
        masks = np.zeros((len(TRAINED), SIDE, SIDE), bool)
        water = np.full((SIDE, SIDE), 0.5, np.float32)
        places = {"heart": (24, 0.6, 7), "right_lung": (10, -0.5, 8), "left_lung": (38, -0.5, 8)}
        for key, (column, value, radius) in places.items():
            row = 24 + random.uniform(-4, 4)
            disc = (rows - row) ** 2 + (columns - column) ** 2 < radius**2
            masks[trained_index(key)] = disc
            water[disc] += value
        water += random.normal(0, 0.02, water.shape).astype(np.float32)
        packed = pack(torch.from_numpy(masks & self.known[:, None, None]))
        return Sample(water, np.zeros_like(water), packed, self.known, is_film=is_film)

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: int) -> Sample:
        return self._samples[index]


def settings(steps: int, **changes: object) -> FitSettings:
    """Of a tiny, fast network."""
    given: dict[str, object] = {
        "steps": steps,
        "batch": 2,
        "size": 32,
        "keys": KEYS,
        "learning_rate": 5e-3,
        "seed": 1,
        "network_settings": {"width": 8},
        "threads": 1,
        "workers": 0,
        "checkpoint_every": 1,
    }
    return FitSettings(**(given | changes))  # type: ignore[arg-type]
