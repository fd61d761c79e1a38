"""An int8 file, made of the fp32 one, and what it costs.

Static quantisation with QDQ pairs: ranges are seen on pictures of the training set. Only
convolutions are quantised, and not the last one: its output becomes the probabilities.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from training.export.graph import INPUT, OUTPUT
from training.onnx_file import forget_origin

HALF = 0.5


@dataclass(frozen=True, slots=True)
class Picture:
    """A training picture as the network sees it.

    image: float32 (1, 1, size, size), 0-1. masks: bool (taught channels, n, n) on the grid of the
    network's output. known: bool (taught channels,): what is not known is not scored.
    """

    image: npt.NDArray[np.float32]
    masks: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]


class _Pictures(CalibrationDataReader):
    def __init__(self, pictures: Sequence[Picture]) -> None:
        self._left: Iterator[dict[str, Any]] = iter([{INPUT: each.image} for each in pictures])

    def get_next(self) -> dict[str, Any] | None:
        """The next input, None after the last one."""
        return next(self._left, None)


def write_quantised(source: Path, target: Path, pictures: Sequence[Picture]) -> None:
    """Write `target`, calibrated on the pictures."""
    with TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        last = _last_convolution(prepared)
        quantize_static(
            prepared,
            target,
            _Pictures(pictures),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            nodes_to_exclude=[last],
            per_channel=True,
            weight_type=QuantType.QInt8,
            activation_type=QuantType.QUInt8,
        )
    forget_origin(target)


def _last_convolution(path: Path) -> str:
    nodes = onnx.load(path).graph.node
    return [str(node.name) for node in nodes if node.op_type == "Conv"][-1]


def mean_iou(weights: Path, pictures: Sequence[Picture]) -> float:
    """Mean over channels of the IoU with the masks, pixels of all pictures taken together.

    Channels that no picture knows and shows are left out.
    """
    session = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
    both = either = np.zeros(len(pictures[0].known))
    for picture in pictures:
        found = session.run([OUTPUT], {INPUT: picture.image})[0][0, : len(picture.known)] >= HALF
        weight = picture.known.astype(float)
        both = both + weight * (found & picture.masks).sum((1, 2))
        either = either + weight * (found | picture.masks).sum((1, 2))
    return float(np.mean(both[either > 0] / either[either > 0]))
