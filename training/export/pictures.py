"""Pictures of the training set, as the network sees them: to calibrate and judge variants on."""

from collections.abc import Sequence

import numpy as np
from torch.nn import functional

from training.channels import trained_index
from training.export.quantised import Picture
from training.fit.augment import augment
from training.fit.batches import SampleSource
from training.fit.warp import FULL

CALM = 0.5
"""How far the augmentation may stray: ranges of real films, without its rarest faults."""


def training_pictures(
    samples: SampleSource, keys: Sequence[str], size: int, stride: int, count: int
) -> list[Picture]:
    """`count` pictures, evenly chosen; the same ones in every run.

    keys: the channels of the network. stride: of its output; masks are averaged to that grid.
    """
    places = np.array([trained_index(key) for key in keys])
    chosen = np.linspace(0, len(samples) - 1, min(count, len(samples))).round().astype(int)
    pictures = []
    for index in chosen:
        shown = augment(samples[int(index)], size, np.random.default_rng(int(index)), places, CALM)
        covered = shown.counts.permute(2, 0, 1)[None].float() / FULL
        masks = functional.interpolate(covered, scale_factor=2 / stride, mode="area")[0] >= 1 / 2
        known = shown.known.numpy()
        pictures.append(Picture(shown.strong[None].numpy(), masks.numpy(), known))
    return pictures
