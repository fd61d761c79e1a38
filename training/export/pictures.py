"""Pictures of the training set, as the network sees them: to calibrate and judge variants on."""

from collections.abc import Sequence

import numpy as np
from torch.nn import functional

from training.channels import trained_index
from training.export.quantised import Picture
from training.fit.augment import augment
from training.fit.loop import SampleSource

CALM = 0.5
"""How far the augmentation may stray: ranges of real films, without its rarest faults."""


def training_pictures(
    samples: SampleSource, keys: Sequence[str], size: int, stride: int, count: int
) -> list[Picture]:
    """`count` pictures, evenly chosen; the same ones in every run.

    keys: the channels of the network. stride: of its output; masks are averaged to that grid.
    """
    places = [trained_index(key) for key in keys]
    chosen = np.linspace(0, len(samples) - 1, min(count, len(samples))).round().astype(int)
    pictures = []
    for index in chosen:
        shown = augment(samples[int(index)], size, np.random.default_rng(int(index)), CALM)
        masks = functional.avg_pool2d(shown.masks[places], stride).numpy() >= 1 / 2
        known = shown.known.numpy()[places]
        pictures.append(Picture(shown.strong[None].numpy(), masks, known))
    return pictures
