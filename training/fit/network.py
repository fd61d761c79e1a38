"""The frontal network: a small SegResNet behind a 2 x 2 pixel unshuffle."""

import torch
from monai.networks.nets.segresnet import SegResNet
from torch import nn


class FrontalNet(nn.Module):
    """(batch, 1, h, w) grey values in 0..1 to (batch, channels, h, w) logits; h, w multiples of 16.

    Working on 2 x 2 blocks at half the resolution costs two thirds of the same network at full
    resolution with half the width, on a CPU, and sees twice as far.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.fold = nn.PixelUnshuffle(2)
        self.body = SegResNet(
            spatial_dims=2,
            init_filters=width,
            in_channels=4,
            out_channels=4 * channels,
            blocks_down=(1, 2, 2, 4),
            blocks_up=(1, 1, 1),
            dropout_prob=None,
        )
        self.unfold = nn.PixelShuffle(2)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Logits per channel."""
        logits: torch.Tensor = self.unfold(self.body(self.fold(image)))
        return logits
