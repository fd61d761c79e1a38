"""The frontal network: a small SegResNet at half the picture's resolution."""

import torch
from monai.networks.nets.segresnet import SegResNet
from torch import nn
from torch.nn import functional

# Adam moves a weight by about the learning rate per step; scaled logits that start near the usual
# share of background spare the head hundreds of steps.
LOGIT_SCALE = 4.0
FIRST_LOGIT = -2.0


class FrontalNet(nn.Module):
    """(batch, 1, h, w) grey values in 0..1 to (batch, channels, h, w) logits; h, w multiples of 16.

    2 x 2 blocks are folded into channels and the logits are enlarged bilinearly. Trained on masks
    averaged over those blocks, borders stay finer than one block, at 60 % of the time.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.fold = nn.PixelUnshuffle(2)
        self.body = SegResNet(
            spatial_dims=2,
            init_filters=width,
            in_channels=4,
            out_channels=channels,
            blocks_down=(1, 1, 2, 2),
            blocks_up=(1, 1, 1),
        )
        head = self.body.conv_final[-1].conv
        nn.init.constant_(head.bias, FIRST_LOGIT / LOGIT_SCALE)

    def coarse(self, image: torch.Tensor) -> torch.Tensor:
        """Logits (batch, channels, h / 2, w / 2): what is trained."""
        logits: torch.Tensor = self.body(self.fold(image))
        return logits * LOGIT_SCALE

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Logits per channel on the picture's grid: what is exported."""
        return functional.interpolate(self.coarse(image), scale_factor=2.0, mode="bilinear")
