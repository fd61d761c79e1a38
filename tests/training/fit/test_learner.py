import copy
from pathlib import Path

import pytest
import torch
from torch import nn

from tests.training.fit.phantoms import KEYS, settings
from training.fit.checkpoint import save_checkpoint
from training.fit.learner import average, new_learner, parameter_groups, rate

CPU = torch.device("cpu")


def test_the_learning_rate_warms_up_and_ends_at_a_fiftieth() -> None:
    rates = [rate(step, 1000) for step in range(1001)]
    assert rates[0] == pytest.approx(0.01)
    assert max(rates) == pytest.approx(1, abs=0.03)
    assert rates[1000] == pytest.approx(0.02)
    assert rates[200:] == sorted(rates[200:], reverse=True)


def test_the_average_moves_statistics_of_batchnorm_too() -> None:
    chosen = settings(1, network="efficientnet-lite0", network_settings={"pretrained": False})
    learner = new_learner(chosen, CPU)
    before = copy.deepcopy(learner.teacher.state_dict())
    learner.network.coarse(torch.rand(2, 1, 32, 32) * 9)
    learner.step = 90
    average(learner, 0.5)
    name = "encoder.stem.norm.running_mean"
    new, kept = learner.network.state_dict(), learner.teacher.state_dict()
    assert not torch.equal(new[name], before[name])
    assert torch.allclose(kept[name], (before[name] + new[name]) / 2)


def test_an_encoder_moves_at_its_own_share_of_the_rate() -> None:
    network = nn.ModuleDict({"encoder": nn.Linear(2, 3), "head": nn.Linear(3, 1)})
    groups = parameter_groups([network], 0.25)
    counts = [(sum(p.numel() for p in g["params"]), g["factor"]) for g in groups]
    assert counts == [(4, 1.0), (9, 0.25)]


def test_a_network_without_an_encoder_is_one_group() -> None:
    (group,) = parameter_groups([nn.Linear(2, 2)], 0.25)
    assert group["factor"] == 1.0


def test_a_start_with_other_channels_gives_those_that_both_have(tmp_path: Path) -> None:
    torch.manual_seed(1)
    first = new_learner(settings(1), CPU)
    save_checkpoint(first, tmp_path / "first.pt", settings(1))
    other = settings(1, keys=("trachea", KEYS[2], KEYS[0]))
    second = new_learner(other, CPU, tmp_path / "first.pt")
    image = torch.rand(1, 1, 32, 32)
    with torch.no_grad():
        old, new = first.teacher.coarse(image), second.teacher.coarse(image)
    assert torch.allclose(old[:, [2, 0]], new[:, 1:], atol=1e-6)


def test_a_start_of_another_size_is_refused_by_name(tmp_path: Path) -> None:
    save_checkpoint(new_learner(settings(1), CPU), tmp_path / "first.pt", settings(1))
    with pytest.raises(ValueError, match="another network"):
        new_learner(settings(1, network_settings={"width": 16}), CPU, tmp_path / "first.pt")
