"""The questions that are asked of a radiograph before it is measured, in the order of `Gate`."""

from collections.abc import Callable
from dataclasses import dataclass

from service import gates
from service.domain.gate import Gate
from service.domain.measurement import CheckStatus, QualityCheck
from service.errors import NotEligible
from service.gates.evidence import Evidence
from service.plugins import Registry, load

Ask = Callable[[Evidence], QualityCheck | None]


@dataclass(frozen=True, slots=True)
class Question:
    """One gate. ask: its check, or None when it cannot be asked of this picture or model.

    refusal: the code with which a job ends `skipped` when the check fails; None when a failure
    only stops the measurements that depend on it.
    """

    gate: Gate
    ask: Ask
    refusal: str | None = None


GATES: Registry[Question] = Registry("gate")


def question(gate: Gate, *, refusal: str | None = None) -> Callable[[Ask], Ask]:
    """Return a decorator that registers a function as the answer to `gate`."""

    def add(ask: Ask) -> Ask:
        GATES.register(gate.value)(Question(gate, ask, refusal))
        return ask

    return add


def check_all(evidence: Evidence) -> tuple[QualityCheck, ...]:
    """Return how every gate came out that could be asked, in the order of `Gate`."""
    checks = (each.ask(evidence) for each in _questions())
    return tuple(check for check in checks if check is not None)


def refuse(checks: tuple[QualityCheck, ...]) -> None:
    """Raise NotEligible when a check failed without which no result may go out.

    The first one gives the code, all of them the sentence.
    """
    codes = {each.gate.value: each.refusal for each in _questions() if each.refusal}
    failed = [each for each in checks if each.check in codes and each.status == CheckStatus.FAILED]
    if failed:
        reasons = "; ".join(each.reason or each.check for each in failed)
        raise NotEligible(reasons, code=codes[failed[0].check])


def _questions() -> list[Question]:
    load(gates)
    order = list(Gate)
    return sorted((each for _, each in GATES), key=lambda each: order.index(each.gate))
