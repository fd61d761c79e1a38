"""`unet-resnet50`: the architecture of Seibold et al. 2023, as a baseline.

ResNet-50, a U-Net decoder to 128 channels at a quarter of the picture's side, bilinear enlargement,
one 1 x 1 convolution. They begin with ImageNet weights, which no package index carries, so this one
begins with random ones: its speed is comparable, its quality after little training is not.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from monai.networks.nets.resnet import ResNetFeatures
from torch import nn
from torch.nn import functional

from training.fit.network import FIRST_LOGIT, NETWORKS, SegmentationNetwork
from training.fit.own_settings import OwnSettings

ENCODED = (256, 512, 1024, 2048)
"""Channels at 1/4, 1/8, 1/16 and 1/32 of the side."""
DECODED = (512, 256, 128)
"""Channels after each step of the decoder; only the last is stated by the paper's authors."""


class Settings(OwnSettings):
    """There is nothing to choose."""


class Step(nn.Module):
    """Enlarge, put beside the encoder's features, two convolutions with BatchNorm."""

    def __init__(self, below: int, beside: int, out: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for channels in (below + beside, out):
            layers += [nn.Conv2d(channels, out, 3, padding=1, bias=False), nn.BatchNorm2d(out)]
            layers += [nn.ReLU(inplace=True)]
        self.layers = nn.Sequential(*layers)

    def forward(self, below: torch.Tensor, beside: torch.Tensor) -> torch.Tensor:
        """(batch, out, h, w) from features at half of h and w and features at h and w."""
        larger = functional.interpolate(below, scale_factor=2.0, mode="bilinear")
        joined: torch.Tensor = self.layers(torch.cat([larger, beside], 1))
        return joined


class UNetResNet50(SegmentationNetwork):
    """Grey is repeated to the three channels that the encoder takes."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.encoder = ResNetFeatures("resnet50", pretrained=False, spatial_dims=2, in_channels=3)
        inputs = (ENCODED[-1], *DECODED)
        steps = zip(inputs, reversed(ENCODED[:-1]), DECODED, strict=False)
        self.decoder = nn.ModuleList(Step(*step) for step in steps)
        self.head = nn.Conv2d(DECODED[-1], channels, 1)
        nn.init.constant_(self.head.bias, FIRST_LOGIT)  # type: ignore[arg-type]

    def _features(self, image: torch.Tensor) -> torch.Tensor:
        """(batch, 128, h / 4, w / 4)."""
        encoded: Sequence[torch.Tensor] = self.encoder(image.expand(-1, 3, -1, -1))
        decoded = encoded[-1]
        for step, beside in zip(self.decoder, reversed(encoded[1:-1]), strict=True):
            decoded = step(decoded, beside)
        return decoded

    def _enlarged(self, image: torch.Tensor, factor: float) -> torch.Tensor:
        features = self._features(image)
        larger = functional.interpolate(features, scale_factor=factor, mode="bilinear")
        logits: torch.Tensor = self.head(larger)
        return logits

    def coarse(self, image: torch.Tensor) -> torch.Tensor:
        """Logits (batch, channels, h / 2, w / 2)."""
        return self._enlarged(image, 2.0)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Logits (batch, channels, h, w), enlarged before the last convolution as published."""
        return self._enlarged(image, 4.0)


@NETWORKS.register("unet-resnet50")
def build(settings: Mapping[str, Any], channels: int) -> SegmentationNetwork:
    """Return the network with random weights."""
    Settings.of(settings)
    return UNetResNet50(channels)
