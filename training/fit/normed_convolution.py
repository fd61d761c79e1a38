"""A convolution, its BatchNorm and its activation as one layer, padded as TensorFlow pads."""

import torch
from torch import nn
from torch.nn import functional

EPSILON = 1e-3
MOMENTUM = 0.1
"""Share of the newest batch in the running statistics; ImageNet's 0.01 is for longer runs."""


class NormedConvolution(nn.Module):
    """`frozen` statistics are folded into the weights; scale and shift are learnt all the same."""

    def __init__(
        self,
        taken: int,
        given: int,
        kernel: int,
        stride: int = 1,
        *,
        groups: int = 1,
        activated: bool = True,
        frozen: bool = False,
    ) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(
            taken, given, kernel, stride, padding=(kernel - 1) // 2, groups=groups, bias=False
        )
        self.norm = nn.BatchNorm2d(given, eps=EPSILON, momentum=MOMENTUM)
        self.activated, self.frozen = activated, frozen

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """(batch, taken, h, w) to (batch, given, h / stride, w / stride)."""
        weight = self.convolution.weight
        if self.frozen:
            weight, shift = self._folded()
            made = convolved(image, weight, shift, self.convolution)
        else:
            made = self.norm(convolved(image, weight, None, self.convolution))
        return functional.relu6(made, inplace=True) if self.activated else made

    def _folded(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Weights and bias that do what convolution and fixed statistics do one after the other."""
        norm = self.norm
        if norm.running_var is None or norm.running_mean is None:
            raise TypeError("a BatchNorm without statistics cannot be folded")
        scale = norm.weight * (norm.running_var + EPSILON).rsqrt()
        shift = norm.bias - norm.running_mean * scale
        return self.convolution.weight * scale.reshape(-1, 1, 1, 1), shift


def convolved(
    image: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, layer: nn.Conv2d
) -> torch.Tensor:
    """Return the convolution of `layer` with another weight.

    A stride of two pads even sides more at the right and below ("SAME"), which needs a copy.
    """
    if layer.stride[0] > 1:
        before, after = (layer.kernel_size[0] - 2) // 2, layer.kernel_size[0] // 2
        image = functional.pad(image, (before, after, before, after))
        return functional.conv2d(image, weight, bias, layer.stride, groups=layer.groups)
    return functional.conv2d(image, weight, bias, 1, layer.padding, groups=layer.groups)
