"""How one phase is trained."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How long, how fast, and which channels: `keys`, in the order of the network's output.

    `batch` counts over all processes. `precision` is `float32` or `bfloat16`, `device` `auto`,
    `cpu` or `cuda`. `ema` is the averaged network's memory of its past, per step.
    `importance` says how much a channel counts in the loss, one where it is not named.
    `encoder_rate` is the share of the learning rate at which an encoder moves.
    """

    steps: int
    batch: int
    size: int
    keys: tuple[str, ...]
    learning_rate: float
    seed: int
    network: str = "segresnet"
    network_settings: Mapping[str, Any] = field(default_factory=dict)
    mode: str = "supervised"
    mode_settings: Mapping[str, Any] = field(default_factory=dict)
    threads: int = 2
    workers: int = 1
    device: str = "auto"
    precision: str = "float32"
    strength: float = 1.0
    ema: float = 0.995
    encoder_rate: float = 1.0
    importance: Mapping[str, float] = field(default_factory=dict)
    weight_decay: float = 1e-4
    clip: float = 5.0
    checkpoint_every: int = 50
    validate_every: int = 0
    criterion: str = "mean_iou"
