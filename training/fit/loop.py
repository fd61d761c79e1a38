"""The training loop: projections, expert films and a mean teacher on what nobody labelled.

The teacher is the exponential moving average of the network. It sees the same geometry with plain
intensities and speaks only about channels that are unknown on real films, where it is sure.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional
from tqdm import tqdm

from training.channels import trained_index
from training.fit.augment import Augmented, augment
from training.fit.dataset import Sample
from training.fit.losses import masked_loss
from training.fit.network import SegmentationNetwork, build_network


class SampleSource(Protocol):
    """A set of samples that can be drawn from by index; `known` is what any of them knows."""

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Channels (taught channels,) that at least one sample knows."""
        ...

    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> Sample: ...


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How long, how fast, and which channels: `keys`, in the order of the network's output."""

    steps: int
    batch: int
    size: int
    width: int
    learning_rate: float
    seed: int
    teacher_from_step: int
    keys: tuple[str, ...]
    threads: int = 2
    strength: float = 1.0
    ema: float = 0.995
    checkpoint_every: int = 50


@dataclass(slots=True)
class State:
    """Everything that a checkpoint holds."""

    network: SegmentationNetwork
    teacher: SegmentationNetwork
    optimiser: torch.optim.Optimizer
    step: int = 0


def fit(
    sources: Sequence[tuple[float, SampleSource]],
    settings: FitSettings,
    folder: Path,
    start: Path | None = None,
) -> Path:
    """Train, resuming from `folder/checkpoint.pt` when it is there; returns the checkpoint.

    `sources` are (share of the batch, samples); `start` is a checkpoint to begin with.
    """
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    state = _begin(settings, start)
    path = folder / "checkpoint.pt"
    if path.exists():
        _restore(state, path)
    bar = tqdm(
        range(state.step, settings.steps),
        initial=state.step,
        total=settings.steps,
        desc="fit",
        unit="step",
    )
    for step in bar:
        random = np.random.default_rng([settings.seed, step])
        loss = _step(state, _draw(sources, settings, random), settings)
        state.step = step + 1
        bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
        if state.step % settings.checkpoint_every == 0 or state.step == settings.steps:
            _log(folder, state.step, loss)
            save_checkpoint(state, path, settings)
    return path


def _begin(settings: FitSettings, start: Path | None) -> State:
    channels = len(settings.keys)
    network = build(settings.width, channels)
    if start is not None:
        network.load_state_dict(torch.load(start, weights_only=True)["teacher"])
    teacher = build(settings.width, channels)
    teacher.load_state_dict(network.state_dict())
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=settings.learning_rate, weight_decay=1e-4
    )
    return State(network, teacher.eval(), optimiser)


def build(width: int, channels: int) -> SegmentationNetwork:
    """An untrained network."""
    return build_network("segresnet", {"width": width}, channels)


def checkpoint_keys(checkpoint: Path) -> tuple[str, ...]:
    """The channels of a checkpoint's network, in order."""
    return tuple(torch.load(checkpoint, weights_only=True)["keys"])


def load_teacher(checkpoint: Path) -> SegmentationNetwork:
    """The averaged network of a checkpoint, ready to predict."""
    stored = torch.load(checkpoint, weights_only=True)
    network = build(int(stored["width"]), len(stored["keys"]))
    network.load_state_dict(stored["teacher"])
    return network.eval()


def _draw(
    sources: Sequence[tuple[float, SampleSource]],
    settings: FitSettings,
    random: np.random.Generator,
) -> list[tuple[Augmented, bool]]:
    """One augmented batch; each entry says whether it is a real film."""
    shares = np.array([share for share, _ in sources])
    torch.set_num_threads(1)  # many small operations: threads would only wait for each other
    picks = random.choice(len(sources), size=settings.batch, p=shares / shares.sum())
    samples = [sources[p][1][int(random.integers(len(sources[p][1])))] for p in picks]
    drawn = [(augment(s, settings.size, random, settings.strength), s.is_film) for s in samples]
    torch.set_num_threads(settings.threads)
    return drawn


def _step(state: State, batch: list[tuple[Augmented, bool]], settings: FitSettings) -> float:
    items = [item for item, _ in batch]
    image = torch.stack([i.strong for i in items]).contiguous(memory_format=torch.channels_last)
    places = [trained_index(key) for key in settings.keys]
    target = halved(torch.stack([i.masks[places] for i in items]))
    weight = torch.stack([i.known[places] for i in items]).float()[:, :, None, None]
    if state.step >= settings.teacher_from_step:
        target, weight = _taught(state.teacher, batch, target, weight)
    for group in state.optimiser.param_groups:
        group["lr"] = settings.learning_rate * _schedule(state.step, settings.steps)
    state.optimiser.zero_grad()
    loss = masked_loss(state.network.coarse(image), target, weight)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(state.network.parameters(), 5.0)
    state.optimiser.step()
    _average(state, settings.ema)
    return float(loss.detach())


def halved(masks: torch.Tensor) -> torch.Tensor:
    """Masks (batch, channels, rows, columns) averaged over 2 x 2 blocks, as is trained."""
    return functional.avg_pool2d(masks, 2)


TEACHER_WEIGHT = 0.4
PRESENT, SURELY_PRESENT, SURELY_ABSENT = 0.5, 0.8, 0.1


@torch.no_grad()
def _taught(
    teacher: SegmentationNetwork,
    batch: list[tuple[Augmented, bool]],
    target: torch.Tensor,
    weight: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Fill unknown channels of real films with the teacher's opinion where it is sure of it."""
    films = [index for index, (_, is_film) in enumerate(batch) if is_film]
    if not films:
        return target, weight
    weak = torch.stack([batch[index][0].weak for index in films])
    opinion = teacher.coarse(weak.contiguous(memory_format=torch.channels_last)).sigmoid()
    sure = ((opinion > SURELY_PRESENT) | (opinion < SURELY_ABSENT)).float() * TEACHER_WEIGHT
    weight = weight.expand_as(target).clone()
    target = target.clone()
    unknown = (weight[films] == 0).float()
    target[films] = target[films] * (1 - unknown) + (opinion > PRESENT).float() * unknown
    weight[films] = weight[films] + sure * unknown
    return target, weight


def _schedule(step: int, steps: int) -> float:
    """Short warm-up, then a cosine to a fiftieth."""
    warm = min(1.0, (step + 1) / min(100, max(1, steps // 10)))
    return warm * float(0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * step / max(1, steps))))


@torch.no_grad()
def _average(state: State, ema: float) -> None:
    decay = min(ema, (state.step + 1) / (state.step + 10))
    for kept, new in zip(state.teacher.parameters(), state.network.parameters(), strict=True):
        kept.lerp_(new, 1 - decay)


def save_checkpoint(state: State, path: Path, settings: FitSettings) -> None:
    """Write the checkpoint, whole or not at all."""
    content: dict[str, Any] = {
        "network": state.network.state_dict(),
        "teacher": state.teacher.state_dict(),
        "optimiser": state.optimiser.state_dict(),
        "step": state.step,
        "width": settings.width,
        "keys": list(settings.keys),
    }
    temporary = path.with_suffix(".part")
    torch.save(content, temporary)
    temporary.replace(path)


def _restore(state: State, path: Path) -> None:
    stored = torch.load(path, weights_only=True)
    state.network.load_state_dict(stored["network"])
    state.teacher.load_state_dict(stored["teacher"])
    state.optimiser.load_state_dict(stored["optimiser"])
    state.step = int(stored["step"])


def _log(folder: Path, step: int, loss: float) -> None:
    with (folder / "curve.csv").open("a") as file:
        file.write(f"{time.time():.0f},{step},{loss:.5f}\n")
