"""The loop, end to end on pictures of 32 pixels."""

import csv
from pathlib import Path

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.training.fit.phantoms import KEYS, Discs, settings
from training.fit.batches import Material
from training.fit.checkpoint import BEST, checkpoint_keys, load_trained
from training.fit.dataset import Sample
from training.fit.loop import fit
from training.fit.settings import FitSettings
from training.fit.validation import held

MATERIAL = Material({"projections": Discs()}, {"projections": 1.0})


class Killed(Exception):
    """The process is no more."""


class DyingDiscs(Discs):
    """Pictures that kill the run after a number of them was drawn."""

    def __init__(self, drawn: int) -> None:
        super().__init__()
        self._left = drawn

    def __getitem__(self, index: int) -> Sample:
        self._left -= 1
        if self._left < 0:
            raise Killed
        return super().__getitem__(index)


def _losses(folder: Path) -> list[float]:
    with (folder / "curve.csv").open() as file:
        return [float(row["loss"]) for row in csv.DictReader(file)]


def test_the_loss_falls(tmp_path: Path) -> None:
    fit(MATERIAL, settings(30, strength=0.2), tmp_path)
    losses = _losses(tmp_path)
    assert len(losses) == 30
    assert sum(losses[-5:]) < 0.6 * sum(losses[:5])


@pytest.mark.parametrize("network", ["segresnet", "efficientnet-lite0"])
def test_six_steps_are_three_a_kill_and_three_more_bit_for_bit(
    tmp_path: Path, network: str
) -> None:
    own = {"pretrained": False} if network != "segresnet" else {"width": 8}
    chosen = settings(6, network=network, network_settings=own)
    for name in ("whole", "broken"):
        (tmp_path / name).mkdir()
    whole = fit(MATERIAL, chosen, tmp_path / "whole")
    dying = Material({"projections": DyingDiscs(3 * chosen.batch)}, MATERIAL.shares)
    with pytest.raises(Killed):
        fit(dying, chosen, tmp_path / "broken")
    broken = fit(MATERIAL, chosen, tmp_path / "broken")
    first, second = (torch.load(path, weights_only=True) for path in (whole, broken))
    for part in ("network", "teacher"):
        assert all(torch.equal(first[part][key], second[part][key]) for key in first[part])
    assert _losses(tmp_path / "whole") == _losses(tmp_path / "broken")


def test_a_finished_run_is_left_alone(tmp_path: Path) -> None:
    path = fit(MATERIAL, settings(1), tmp_path)
    written = path.stat().st_mtime_ns
    fit(MATERIAL, settings(1), tmp_path)
    assert path.stat().st_mtime_ns == written


def test_a_checkpoint_says_what_its_outputs_are(tmp_path: Path) -> None:
    path = fit(MATERIAL, settings(1), tmp_path)
    assert checkpoint_keys(path) == KEYS
    network = load_trained(path).network
    assert network(torch.zeros(1, 1, 32, 32)).shape == (1, 3, 32, 32)


def test_lower_precision_trains_as_well(tmp_path: Path) -> None:
    fit(MATERIAL, settings(30, strength=0.2, precision="bfloat16"), tmp_path)
    losses = _losses(tmp_path)
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])


def _validated(folder: Path, chosen: FitSettings) -> list[float]:
    fit(MATERIAL, chosen, folder, kept=held([Discs(seed=9)], KEYS, 32, 2))
    with (folder / "validation.csv").open() as file:
        return [float(row["criterion"]) for row in csv.DictReader(file)]


def test_the_best_checkpoint_is_kept_and_the_pictures_can_be_looked_at(tmp_path: Path) -> None:
    found = _validated(tmp_path, settings(8, validate_every=3, strength=0.2))
    assert len(found) == 3  # after 3, 6 and 8 steps
    assert torch.load(tmp_path / BEST, weights_only=True)["best"] == pytest.approx(max(found), 1e-4)
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert {"loss", "learning_rate", "validation"} <= set(events.Tags()["scalars"])
    assert events.Tags()["images"] == ["example/0", "example/1"]


def test_training_leaves_arithmetic_as_it_was(tmp_path: Path) -> None:
    smallest = torch.tensor(1e-40)
    fit(MATERIAL, settings(1), tmp_path)
    assert float(smallest * 1) > 0
