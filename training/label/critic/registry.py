"""The judges by name: one file in `judges/` each."""

from collections.abc import Callable
from dataclasses import dataclass

from service.plugins import Registry, load
from training.label.critic.question import Judge


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """What a judge may need: the address of a service, a token for it, seconds to wait."""

    url: str | None = None
    token: str | None = None
    timeout_s: float = 120.0


JUDGES: Registry[Callable[[JudgeSettings], Judge]] = Registry("judge")
DEFAULT_JUDGE = "rule"


def judge_named(name: str, settings: JudgeSettings | None = None) -> Judge:
    """Return a judge; raises UnknownPlugin for a wrong name, ValueError for wrong settings."""
    from training.label.critic import judges

    load(judges)
    return JUDGES.get(name)(settings or JudgeSettings())
