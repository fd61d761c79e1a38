"""The training loop: the same steps, whether in one go, resumed after a kill, or shared out."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from training.fit.batches import Batch, BatchPlan, Material, ahead
from training.fit.checkpoint import BEST, LAST, restore, save_checkpoint
from training.fit.journal import EXAMPLES, Journal, side_by_side
from training.fit.learner import Learner, average, new_learner, rate
from training.fit.memory import keep_freed_memory
from training.fit.mode import Mode, Step, build_mode
from training.fit.processes import (
    device_of,
    in_parallel,
    joined,
    processes,
    rank,
    wait_for_others,
)
from training.fit.settings import FitSettings
from training.fit.validation import CRITERIA, Held, scores


@dataclass(frozen=True, slots=True)
class Run:
    """What stays the same over the steps of a phase."""

    settings: FitSettings
    folder: Path
    mode: Mode
    device: torch.device
    importance: torch.Tensor
    parallel: nn.Module
    assistant: nn.Module | None
    kept: Held | None


def fit(
    material: Material,
    settings: FitSettings,
    folder: Path,
    start: Path | None = None,
    kept: Held | None = None,
) -> Path:
    """Train, resuming from `folder/checkpoint.pt` when it is there; returns the checkpoint.

    `start` is a checkpoint to begin with, `kept` what is validated on. Every step draws from seeds
    of its own, so a run that was killed ends with the weights of one that was not.
    """
    keep_freed_memory()
    # Weights that fade below the smallest normal number would slow a step on a CPU twentyfold.
    torch.set_flush_denormal(True)
    torch.set_num_threads(settings.threads)
    try:
        with joined():
            return _fit(material, settings, folder, start, kept)
    finally:
        torch.set_flush_denormal(False)  # a setting of the whole thread: others count on them


def _fit(
    material: Material, settings: FitSettings, folder: Path, start: Path | None, kept: Held | None
) -> Path:
    device = device_of(settings.device)
    torch.manual_seed(settings.seed)
    mode = build_mode(settings.mode, settings.mode_settings)
    mode.check(material.shares)
    learner = new_learner(settings, device, start, mode.assistant(len(settings.keys)))
    path = folder / LAST
    if path.exists():
        restore(learner, path, device)
    parallel = in_parallel(learner.network, device)
    assistant = in_parallel(learner.assistant, device) if learner.assistant else None
    importance = torch.tensor([settings.importance.get(key, 1.0) for key in settings.keys])
    run = Run(settings, folder, mode, device, importance.to(device), parallel, assistant, kept)
    if learner.step < settings.steps:
        _train(run, learner, _plan(material, run))
    wait_for_others()
    return path


def _plan(material: Material, run: Run) -> BatchPlan:
    """Return what this process makes of a batch; ValueError where it does not come out even."""
    settings, parts = run.settings, processes()
    if settings.batch % parts:
        raise ValueError(f"a batch of {settings.batch} cannot be shared by {parts} processes")
    own = settings.batch // parts
    return BatchPlan(
        material,
        run.mode,
        settings.keys,
        own,
        settings.size,
        settings.seed,
        settings.strength,
        first_place=own * rank(),
    )


def _train(run: Run, learner: Learner, plan: BatchPlan) -> None:
    steps = range(learner.step, run.settings.steps)
    journal = Journal(run.folder, learner.step) if rank() == 0 else None
    bar = tqdm(
        total=run.settings.steps, initial=learner.step, desc="fit", unit="step", disable=rank() > 0
    )
    for step, batch in zip(steps, ahead(plan, steps, run.settings.workers), strict=True):
        loss = _step(run, learner, batch.to(run.device), step)
        learner.step = step + 1
        bar.update()
        bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
        if journal is not None:
            _record(run, learner, journal, loss)
    bar.close()
    if journal is not None:
        journal.close()


def _step(run: Run, learner: Learner, batch: Batch, step: int) -> float:
    settings = run.settings
    factor = rate(step, settings.steps)
    for group in learner.optimiser.param_groups:
        group["lr"] = settings.learning_rate * factor * group["factor"]
    # What the network itself draws (dropout) depends on the step alone, so resuming repeats it.
    torch.manual_seed(int(np.random.default_rng([settings.seed, step, rank()]).integers(2**62)))
    learner.optimiser.zero_grad()
    lower = settings.precision == "bfloat16"
    with torch.autocast(run.device.type, torch.bfloat16, enabled=lower):
        given = Step(
            learner, run.parallel, run.assistant, batch, step, settings.seed, run.importance
        )
        loss = run.mode.loss(given)
    loss.backward()
    nn.utils.clip_grad_norm_(learner.parameters(), settings.clip)
    learner.optimiser.step()
    average(learner, settings.ema)
    return float(loss.detach())


def _record(run: Run, learner: Learner, journal: Journal, loss: float) -> None:
    settings, step = run.settings, learner.step
    last = step == settings.steps
    if settings.validate_every and run.kept and (step % settings.validate_every == 0 or last):
        _validate(run, learner, journal, run.kept)
    if step % settings.checkpoint_every == 0 or last:
        learning_rate = learner.optimiser.param_groups[0]["lr"]
        journal.point(step, {"loss": loss, "learning_rate": learning_rate})
        save_checkpoint(learner, run.folder / LAST, settings)


def _validate(run: Run, learner: Learner, journal: Journal, kept: Held) -> None:
    """Score the averaged network; keep it as the best checkpoint where it is better than before."""
    found = scores(learner.teacher, kept, run.device)
    value = CRITERIA[run.settings.criterion](found)
    journal.validation(learner.step, value, found)
    for number, picture in enumerate(kept.pictures[:EXAMPLES]):
        with torch.no_grad():
            logits = learner.teacher.coarse(picture.strong[None].to(run.device))
        seen = side_by_side(picture, logits[0].float().sigmoid().cpu(), kept.keys)
        journal.example(learner.step, number, seen)
    if learner.best is None or value > learner.best:
        learner.best = value
        save_checkpoint(learner, run.folder / BEST, run.settings)
