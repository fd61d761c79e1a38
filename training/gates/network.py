"""A small network that says in which of 32 ways a chest radiograph was stored.

Frontal or lateral, right or wrong polarity, as hung or mirrored, turned by 0 to 3 quarters. One
small convolutional network scores "looks like a frontal, or a lateral, as it should be stored" on
all sixteen variants of the picture; a softmax over the 32 scores compares them. So the answer is
the same for every way to store a picture, and nothing has to be learnt twice.
"""

from collections.abc import Iterator

import torch
from torch import nn
from torch.nn import functional

SIDE = 64
WIDTHS = (16, 32, 64, 96)
VIEWS, POLARITIES, MIRRORS, TURNS = 2, 2, 2, 4
VARIANTS = POLARITIES * MIRRORS * TURNS
SHAPE = (VIEWS, POLARITIES, MIRRORS, TURNS)
"""Axes of the answer: view (frontal, lateral), inverted (no, yes), mirrored (no, yes), quarters."""


class Upright(nn.Module):
    """(batch, 1, SIDE, SIDE) to (batch, 2): how much like an upright positive frontal, lateral."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in zip((1, *WIDTHS), WIDTHS, strict=False):
            layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.BatchNorm2d(after)]
            layers += [nn.ReLU()]
        last = SIDE // 2 ** len(WIDTHS)
        self.layers = nn.Sequential(
            *layers,
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(WIDTHS[-1] * last * last, 64),
            nn.ReLU(),
            nn.Linear(64, VIEWS),
        )

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Scores without a scale."""
        scores: torch.Tensor = self.layers(image)
        return scores


class Stored(nn.Module):
    """(batch, 1, size, size), 0-1, to scores (batch, *SHAPE): how the picture was stored."""

    def __init__(self) -> None:
        super().__init__()
        self.upright = Upright()

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Scores; entry (view, i, m, t) tells of a picture inverted i, mirrored m, turned t."""
        small = functional.avg_pool2d(image, image.shape[-1] // SIDE)
        tried = torch.cat(list(restored(small)))
        tried_scores: torch.Tensor = self.upright(tried)
        return tried_scores.reshape(POLARITIES, MIRRORS, TURNS, -1, VIEWS).permute(3, 4, 0, 1, 2)


class Probabilities(nn.Module):
    """`Stored` with the softmax inside, as exported."""

    def __init__(self, stored: Stored) -> None:
        super().__init__()
        self.stored = stored

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """(batch, 1, size, size) to (batch, *SHAPE), which sums to one for each picture."""
        scores = self.stored(image)
        return torch.softmax(scores.flatten(1), 1).reshape(scores.shape)


def stored_as(image: torch.Tensor, mirrored: int, turned: int) -> torch.Tensor:
    """The picture (..., rows, columns) mirrored, then turned counter-clockwise by quarters."""
    changed = image.flip(-1) if mirrored else image
    return torch.rot90(changed, turned, (-2, -1))


def restored(image: torch.Tensor) -> Iterator[torch.Tensor]:
    """The sixteen pictures that undo each way of storing, in the order of SHAPE without view."""
    for inverted in range(POLARITIES):
        for mirrored in range(MIRRORS):
            for turned in range(TURNS):
                back = torch.rot90(1 - image if inverted else image, -turned, (-2, -1))
                yield back.flip(-1) if mirrored else back
