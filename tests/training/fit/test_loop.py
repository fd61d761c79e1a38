from pathlib import Path

import numpy as np
import torch

from training.channels import TRAINED, TRAINED_KEYS, trained_index
from training.fit.dataset import Sample
from training.fit.loop import FitSettings, _draw, _taught, build, fit, halved, load_teacher
from training.fit.losses import masked_loss
from training.fit.stage import forget_other_run
from training.project.masks import pack


class _OneFilm:
    def __init__(self, *, is_film: bool = False) -> None:
        rows, columns = np.mgrid[0:64, 0:64]
        disc = (rows - 32) ** 2 + (columns - 32) ** 2 < 200
        masks = np.zeros((len(TRAINED), 64, 64), bool)
        masks[trained_index("heart")] = disc
        known = np.zeros(len(TRAINED), bool)
        known[trained_index("heart")] = True
        water = disc.astype(np.float32)
        self.known = known
        packed = pack(torch.from_numpy(masks))
        self._sample = Sample(water, np.zeros_like(water), packed, known, is_film=is_film)

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> Sample:
        return self._sample


def _settings(steps: int) -> FitSettings:
    return FitSettings(
        steps=steps, batch=2, size=64, width=8, learning_rate=3e-3, seed=1,
        teacher_from_step=10**9, keys=TRAINED_KEYS, threads=1, checkpoint_every=2,
    )  # fmt: skip


def test_two_steps_on_one_batch_lower_its_loss() -> None:
    torch.manual_seed(0)
    network = build(8, len(TRAINED))
    batch = _draw([(1.0, _OneFilm())], _settings(1), np.random.default_rng(0))
    image = torch.stack([item.strong for item, _ in batch])
    target = torch.stack([item.masks for item, _ in batch])
    weight = torch.stack([item.known for item, _ in batch]).float()[:, :, None, None]
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    losses = []
    for _ in range(3):
        optimiser.zero_grad()
        loss = masked_loss(network(image), target, weight)
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[2] < losses[1] < losses[0]


def test_a_killed_run_resumes_and_ends_like_an_unbroken_one(tmp_path: Path) -> None:
    for name in ("whole", "broken"):
        (tmp_path / name).mkdir()
    sources = [(1.0, _OneFilm())]
    whole = fit(sources, _settings(4), tmp_path / "whole")
    # the schedule depends on the length of the run: stop the second one by its checkpoint
    settings = _settings(4)
    _stopped_after(2, sources, settings, tmp_path / "broken")
    broken = fit(sources, settings, tmp_path / "broken")
    first, second = (load_teacher(path).state_dict() for path in (whole, broken))
    assert all(torch.allclose(first[key], second[key], atol=1e-6) for key in first)


def _stopped_after(steps: int, sources: list, settings: FitSettings, folder: Path) -> None:  # type: ignore[type-arg]
    class Kill(Exception):
        pass

    class Stopping:
        def __init__(self) -> None:
            self.drawn = 0
            self.known = sources[0][1].known

        def __len__(self) -> int:
            return 1

        def __getitem__(self, index: int) -> Sample:
            self.drawn += 1
            if self.drawn > steps * settings.batch:
                raise Kill
            sample: Sample = sources[0][1][index]
            return sample

    try:
        fit([(1.0, Stopping())], settings, folder)
    except Kill:
        return
    raise AssertionError("the run was not stopped")


def test_the_teacher_speaks_only_about_unknown_channels_of_films() -> None:
    settings = _settings(1)
    film = _draw([(1.0, _OneFilm(is_film=True))], settings, np.random.default_rng(0))
    target = halved(torch.stack([item.masks for item, _ in film]))
    weight = torch.stack([item.known for item, _ in film]).float()[:, :, None, None]
    teacher = build(8, len(TRAINED)).eval()
    taught, weights = _taught(teacher, film, target, weight)
    heart = trained_index("heart")
    assert (taught[:, heart] == target[:, heart]).all()
    assert (weights[:, heart] == 1).all()
    others = [c for c in range(len(TRAINED)) if c != heart]
    assert float(weights[:, others].max()) < 1


def test_the_teacher_says_nothing_about_projections() -> None:
    batch = _draw([(1.0, _OneFilm())], _settings(1), np.random.default_rng(0))
    target = torch.stack([item.masks for item, _ in batch])
    weight = torch.stack([item.known for item, _ in batch]).float()[:, :, None, None]
    taught, weights = _taught(build(8, len(TRAINED)).eval(), batch, target, weight)
    assert taught is target
    assert weights is weight


def test_a_checkpoint_of_other_settings_is_not_resumed(tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.pt"
    checkpoint.write_bytes(b"weights")
    forget_other_run(tmp_path, "first")
    assert not checkpoint.exists()
    checkpoint.write_bytes(b"weights")
    forget_other_run(tmp_path, "first")
    assert checkpoint.exists()
    forget_other_run(tmp_path, "second")
    assert not checkpoint.exists()
