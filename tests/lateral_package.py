"""A model package for lateral films whose answer is known: it draws the golden lateral masks.

The graph gives the same probabilities for any picture, on a grid half as fine as its input, so
everything around the network is what is tested.
"""

from pathlib import Path

import numpy as np
import onnx
import yaml
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from service.anatomy.structures import CATEGORY, structures_by_key
from service.domain.segmentation import Code
from service.inference.manifest import sha256_of
from service.inference.preprocess import content_of, letterbox
from tests.golden import golden_keys, golden_lateral

SIZE, STRIDE, SURE = 512, 2, 0.95


def write_lateral_package(models: Path) -> Path:
    """Write `models/cxr-test-lateral/0.0.1` and return it."""
    folder = models / "cxr-test-lateral" / "0.0.1"
    folder.mkdir(parents=True)
    drawn = golden_lateral()
    keys = [key for key in golden_keys("lateral") if key in structures_by_key()]
    planes = np.stack([_plane(drawn.mask(key)) for key in keys])
    _write_graph(planes, folder / "weights.onnx")
    (folder / "labels.yaml").write_text(yaml.safe_dump([_label(key) for key in keys]))
    content = _manifest(len(keys), sha256_of(folder / "weights.onnx"))
    (folder / "manifest.yaml").write_text(yaml.safe_dump(content))
    return folder


def _plane(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the mask where the letterbox puts it, averaged over the output's pixels."""
    grid = letterbox(*mask.shape, SIZE)
    rows = (np.arange(grid.height) + 0.5) * mask.shape[0] / grid.height
    columns = (np.arange(grid.width) + 0.5) * mask.shape[1] / grid.width
    plane = np.zeros((SIZE, SIZE), np.float32)
    plane[content_of(grid)] = mask[np.ix_(rows.astype(int), columns.astype(int))]
    coarse = SIZE // STRIDE
    return SURE * plane.reshape(coarse, STRIDE, coarse, STRIDE).mean((1, 3))


def _write_graph(planes: NDArray[np.float32], path: Path) -> None:
    """Write: planes + 0 * the picture's maximum, which gives them once for each of a batch."""
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 1, SIZE, SIZE])
    shape = ["n", len(planes), *planes.shape[1:]]
    found = helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, shape)
    nodes = [
        helper.make_node("GlobalMaxPool", ["image"], ["brightest"]),
        helper.make_node("Mul", ["brightest", "nothing"], ["zero"]),
        helper.make_node("Add", ["zero", "planes"], ["probabilities"]),
    ]
    constants = [
        numpy_helper.from_array(planes[None], "planes"),
        numpy_helper.from_array(np.zeros(1, np.float32), "nothing"),
    ]
    graph = helper.make_graph(nodes, "drawn", [image], [found], constants)
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, ir_version=10, opset_imports=opset), path)


def _label(key: str) -> dict[str, object]:
    structure = structures_by_key()[key]
    return {
        "number": structure.number,
        "key": key,
        "label": structure.label,
        "category": _code(CATEGORY),
        "type": _code(structure.type),
        "laterality": structure.laterality.value if structure.laterality else None,
        "colour_rgb": list(structure.colour_rgb),
        "threshold": 0.5,
        "minimum_area_fraction": structure.smallest,
        "pieces": "one" if structure.is_one_piece else "many",
    }


def _code(code: Code) -> dict[str, str]:
    return {"value": code.value, "scheme": code.scheme, "meaning": code.meaning}


def _manifest(channels: int, sha256: str) -> dict[str, object]:
    return {
        "schema": 1,
        "name": "cxr-test-lateral",
        "version": "0.0.1",
        "license": "Apache-2.0",
        "weights": {"file": "weights.onnx", "sha256": sha256, "opset": 18},
        "input": {
            "tensor": "image",
            "size": SIZE,
            "polarity": "bright_is_dense",
            "resize": "letterbox",
            "intensity": {"method": "percentile", "low": 0.5, "high": 99.5},
        },
        "output": {
            "tensor": "probabilities",
            "activation": "sigmoid",
            "channels": channels,
            "stride": STRIDE,
        },
        "eligible": {"views": ["LATERAL"]},
        "gates": {"limits": {"chest": 0.6, "exposure": 0.01, "patient_rotation": 0.4}},
        "trained_on": [{"dataset": "drawn", "licence": "CC0-1.0", "split": "none", "subjects": 0}],
        "metrics": {},
        "golden": {"input": "golden/input.npy", "expected": "golden/x.npz", "tolerance": 0.001},
        "code_commit": "unknown",
    }
