"""The graph that goes out: network, sigmoid and unions, for any batch and any size.

It gives probabilities on the grid on which the network decides (half the picture's), not on the
picture's own: enlarging 160 channels in the graph would cost 42 MB and more time than the network,
and the service resamples to the film's grid in any case.
"""

import warnings
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import torch
from torch import nn

from training.onnx_file import forget_origin
from training.vocabulary import present_unions, with_unions

OPSET = 18
MULTIPLE = 32
"""Rows and columns that the graph takes are multiples of this."""
INPUT, OUTPUT = "image", "probabilities"


class Probabilities(nn.Module):
    """A network as it is exported: (batch, 1, h, w) to (batch, channels, h / n, w / n), 0-1.

    Its channels are those of the network, `keys`, and after them the unions, each the largest
    probability of its parts. h and w are multiples of 32.
    """

    def __init__(self, network: nn.Module, keys: Sequence[str]) -> None:
        super().__init__()
        self.network = network
        self.keys = with_unions(keys)
        # Unions of equally many parts are taken together: few nodes instead of many.
        self._groups = [
            torch.tensor([[keys.index(part) for part in union.parts] for union in group]).T
            for _, group in groupby(present_unions(keys), key=lambda union: len(union.parts))
        ]

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Probabilities of every channel."""
        coarse = getattr(self.network, "coarse", self.network)
        taught = torch.sigmoid(coarse(image))
        return torch.cat([taught, *(_largest(taught, group) for group in self._groups)], 1)

    def stride(self) -> int:
        """By how much the grid of the probabilities is coarser than the picture's."""
        with torch.no_grad():
            given = torch.zeros(1, 1, 2 * MULTIPLE, 2 * MULTIPLE)
            return 2 * MULTIPLE // int(self(given).shape[-1])


def _largest(taught: torch.Tensor, parts: torch.Tensor) -> torch.Tensor:
    """The largest of each column of `parts`, (parts of each, unions): (batch, unions, h, w)."""
    picked = taught.index_select(1, parts.flatten())
    largest: torch.Tensor = picked.unflatten(1, tuple(parts.shape)).amax(1)
    return largest


def write_onnx(network: nn.Module, path: Path) -> None:
    """Export for any batch and size; tensors are named `image` and `probabilities`.

    By tracing: the newer exporter takes a minute and more where sizes are free, this one a second,
    and `golden.py` compares what it gives with torch, on two sizes.
    """
    free = {0: "batch", 2: "rows", 3: "columns"}
    coarse = {0: "batch", 2: "coarse_rows", 3: "coarse_columns"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is announced to go one day; torch is pinned
        torch.onnx.export(
            network.eval(),
            (torch.zeros(2, 1, 3 * MULTIPLE, 4 * MULTIPLE),),
            str(path),
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: free, OUTPUT: coarse},
            opset_version=OPSET,
            dynamo=False,
        )
    forget_origin(path)
