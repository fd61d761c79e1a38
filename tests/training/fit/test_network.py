"""What every network of the registry promises."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from service.plugins import load
from training.export.graph import write_onnx
from training.fit import networks
from training.fit.network import NETWORKS, build_network
from training.misspelt import ExperimentError

load(networks)


def _small(name: str) -> dict[str, object]:
    return {"efficientnet-lite0": {"pretrained": False}, "segresnet": {"width": 8}}.get(name, {})


@pytest.mark.parametrize("name", NETWORKS.names())
@pytest.mark.parametrize(("rows", "columns"), [(64, 64), (32, 96)])
def test_logits_come_at_half_and_at_the_pictures_size(name: str, rows: int, columns: int) -> None:
    network = build_network(name, _small(name), 5).eval()
    image = torch.rand(2, 1, rows, columns)
    with torch.no_grad():
        assert network.coarse(image).shape == (2, 5, rows // 2, columns // 2)
        assert network(image).shape == (2, 5, rows, columns)


@pytest.mark.parametrize("name", NETWORKS.names())
def test_every_weight_gets_a_gradient(name: str) -> None:
    network = build_network(name, _small(name), 3).train()
    network.coarse(torch.rand(2, 1, 64, 64)).square().mean().backward()
    silent = [key for key, value in network.named_parameters() if value.grad is None]
    assert silent == []


@pytest.mark.parametrize("name", ["segresnet", "efficientnet-lite0"])
def test_the_exported_graph_agrees_with_torch_for_another_batch_and_size(
    name: str, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    network = build_network(name, _small(name), 4).eval()
    write_onnx(network, tmp_path / "network.onnx")
    image = torch.rand(3, 1, 96, 64)
    session = onnxruntime.InferenceSession(
        tmp_path / "network.onnx", providers=["CPUExecutionProvider"]
    )
    (found,) = session.run(None, {"image": image.numpy()})
    with torch.no_grad():
        assert np.abs(found - network(image).numpy()).max() < 1e-3


def test_an_unknown_network_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ExperimentError, match="did you mean segresnet"):
        build_network("segrenet", {}, 2)


def test_an_unknown_setting_is_refused_by_name() -> None:
    with pytest.raises(ExperimentError, match=r"wdith.*did you mean width"):
        build_network("segresnet", {"wdith": 8}, 2)
