"""What every network of this stage is: logits per channel, coarse to train, full to export."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from service.plugins import Registry, load
from training.misspelt import check_names

FIRST_LOGIT = -2.0
"""Where a new head begins: near the usual share of background, to spare it hundreds of steps."""


class SegmentationNetwork(nn.Module):
    """(batch, 1, h, w) grey values in 0..1, bright = dense, to logits per channel.

    h and w are multiples of `multiple`; `head_name` is the last convolution, whose rows are the
    channels. A network that is trained on masks averaged over 2 x 2 blocks keeps its borders finer
    than one block, at a fraction of the time.
    """

    multiple = 32
    head_name = "head"

    def coarse(self, image: torch.Tensor) -> torch.Tensor:
        """Logits (batch, channels, h / 2, w / 2): what is trained."""
        raise NotImplementedError

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Logits (batch, channels, h, w): what is exported."""
        return functional.interpolate(self.coarse(image), scale_factor=2.0, mode="bilinear")


Build = Callable[[Mapping[str, Any], int], SegmentationNetwork]
NETWORKS: Registry[Build] = Registry("network")


def build_network(name: str, settings: Mapping[str, Any], channels: int) -> SegmentationNetwork:
    """Return a new network; raises ExperimentError for an unknown name or setting.

    Weights are kept channels-last, which is what convolutions on a CPU are fastest with.
    """
    from training.fit import networks

    load(networks)
    check_names([name], NETWORKS.names(), "network")
    network = NETWORKS.get(name)(settings, channels)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network
