"""A graph that goes out names no folder of the machine on which it was made."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from tests.peers import REPOSITORY
from training.export.graph import write_onnx
from training.onnx_file import forget_origin

PACKAGED = sorted((REPOSITORY / "models").glob("*/*/*.onnx"))


class Doubled(torch.nn.Module):
    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return image * 2


def notes(path: Path) -> list[str]:
    graph = onnx.load(path).graph
    parts = (graph, *graph.node, *graph.value_info, *graph.input, *graph.output)
    return [note.key for part in parts for note in part.metadata_props]


def test_an_export_carries_no_notes_and_computes(tmp_path: Path) -> None:
    path = tmp_path / "graph.onnx"
    write_onnx(Doubled(), path)
    given = np.ones((1, 1, 8, 8), np.float32)

    session = onnxruntime.InferenceSession(str(path))
    (found,) = session.run(None, {"image": given})

    assert notes(path) == []
    assert str(Path(__file__).parent).encode() not in path.read_bytes()
    assert np.array_equal(found, 2 * given)


def test_notes_are_forgotten_and_forgetting_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "graph.onnx"
    write_onnx(Doubled(), path)
    model = onnx.load(path)
    note = model.graph.node[0].metadata_props.add()
    note.key, note.value = "stack_trace", "/home/somebody/network.py"
    onnx.save(model, path)

    forget_origin(path)
    once = path.read_bytes()
    forget_origin(path)

    assert b"somebody" not in once
    assert path.read_bytes() == once


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: path.name)
def test_the_packages_of_this_repository_carry_none(path: Path) -> None:
    assert notes(path) == []
