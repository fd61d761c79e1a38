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
DEFAULT_JUDGE = "rules"
NO_CRITIC = "none"


def judge_named(name: str, settings: JudgeSettings | None = None) -> Judge:
    """Return a judge; raises UnknownPlugin for a wrong name, ValueError for wrong settings."""
    _load()
    return JUDGES.get(name)(settings or JudgeSettings())


def critics() -> tuple[str, ...]:
    """Return what a recipe may say: every judge, or none."""
    _load()
    return (NO_CRITIC, *JUDGES.names())


def _load() -> None:
    from training.label.critic import judges

    load(judges)
