"""`segresnet`: a small residual network at half the picture's resolution; trained from nothing."""

from collections.abc import Mapping
from typing import Any

import torch
from monai.networks.nets.segresnet import SegResNet
from pydantic import Field
from torch import nn

from training.fit.network import FIRST_LOGIT, NETWORKS, SegmentationNetwork
from training.fit.own_settings import OwnSettings

# Adam moves a weight by about the learning rate per step; scaled logits let a new head keep up.
LOGIT_SCALE = 4.0


class Settings(OwnSettings):
    """`width`: channels of the first stage; each of the three next ones has twice as many."""

    width: int = Field(default=16, gt=0, multiple_of=8)


class FoldedSegResNet(SegmentationNetwork):
    """MONAI's SegResNet on a picture whose 2 x 2 blocks are folded into channels."""

    multiple = 16
    head_name = "body.conv_final.2.conv"

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
        """Logits (batch, channels, h / 2, w / 2)."""
        logits: torch.Tensor = self.body(self.fold(image))
        return logits * LOGIT_SCALE


@NETWORKS.register("segresnet")
def build(settings: Mapping[str, Any], channels: int) -> SegmentationNetwork:
    """Return the network with random weights."""
    return FoldedSegResNet(channels, Settings.of(settings).width)
