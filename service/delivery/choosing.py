"""Which of the candidates is sent: the best that the peer accepts, and why not a better one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from service.delivery.candidates import Candidate, forms_of
from service.dimse.negotiation import name_of
from service.dimse.scu import OutgoingInstance
from service.domain.analysis import ObjectKind, Reason
from service.domain.delivering import AS_WANTED, OTHER_FORM, Profile, Sent, asked_for_later
from service.errors import PeerRefused

Accepts = Callable[[str, str], bool]
"""Whether the peer accepted a SOP Class UID in a Transfer Syntax UID."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What is known of a peer: what it accepted, and the status by which it refused a class."""

    accepts: Accepts
    refused: Mapping[str, int]

    def form(self, instance: OutgoingInstance) -> str | None:
        """Return the Transfer Syntax UID in which the peer takes the instance; None: it does not.

        A syntax that the file does not have is no worse than the file's, only larger.
        """
        if instance.sop_class_uid in self.refused:
            return None
        accepted = (syntax for key, syntax in forms_of(instance) if self.accepts(key, syntax))
        return next(accepted, None)

    def takes(self, instances: Sequence[OutgoingInstance]) -> bool:
        """Return whether the peer takes all of them; of none at all it takes none."""
        return bool(instances) and all(self.form(each) is not None for each in instances)

    def objection(self, instances: Sequence[OutgoingInstance]) -> str:
        """Return why it does not, to be read after "the peer"."""
        classes = dict.fromkeys(each.sop_class_uid for each in instances)
        return " and ".join(
            f"answered 0x{self.refused[uid]:04X} to {name_of(uid)}"
            if uid in self.refused
            else f"accepts no {name_of(uid)}"
            for uid in classes
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """What to send: the instances, each with the Transfer Syntax UID to send it in.

    goes_anyway: it is wanted for itself too, and its own delivery sends it; nothing is sent now.
    """

    sent: Sent
    instances: tuple[tuple[OutgoingInstance, str], ...]
    goes_anyway: bool


def choose(
    wanted: ObjectKind, candidates: Sequence[Candidate], profile: Profile, answers: Answers
) -> Choice:
    """Return what to send for the wanted kind; raises PeerRefused when the peer takes none of it.

    The family is the first whose SEG the peer takes, the last where it takes none: all
    deliveries to one peer choose the same, so that SR and SEG belong together.
    """
    family, objections = _family(candidates, profile, answers)
    own = family.instances.get(wanted, ())
    if answers.takes(own):
        why = Reason(OTHER_FORM, _said(objections)) if objections else None
        return _choice(wanted, family, answers, why or asked_for_later(family.family, profile))
    objection = _said([answers.objection(own)]) if own else "no such object was made"
    for kind in profile.instead.get(wanted, ()):
        if answers.takes(family.instances.get(kind, ())):
            choice = _choice(kind, family, answers, Reason("stand_in", objection))
            return replace(choice, goes_anyway=kind in profile.objects)
    was_answered = any(each.sop_class_uid in answers.refused for each in own)
    raise PeerRefused(objection, code="store_refused" if was_answered else "context_refused")


def _family(
    candidates: Sequence[Candidate], profile: Profile, answers: Answers
) -> tuple[Candidate, list[str]]:
    """Return the family to send and the objections to those that would have been better."""
    objections: list[str] = []
    if ObjectKind.SEG in profile.objects:
        for candidate in candidates:
            segmentation = candidate.instances.get(ObjectKind.SEG, ())
            if answers.takes(segmentation):
                return candidate, objections
            if segmentation:
                objections.append(answers.objection(segmentation))
    return candidates[-1], []


def _choice(kind: ObjectKind, family: Candidate, answers: Answers, why: Reason | None) -> Choice:
    forms = [(each, answers.form(each)) for each in family.instances[kind]]
    sendable = tuple((each, syntax) for each, syntax in forms if syntax is not None)
    first, syntax = sendable[0]
    sent = Sent(
        kind=kind,
        family=family.family,
        sop_class_uid=first.sop_class_uid,
        sop_instance_uid=first.sop_instance_uid,
        transfer_syntax_uid=syntax,
        why=why or _as_it_is(first, syntax),
    )
    return Choice(sent, sendable, goes_anyway=False)


def _as_it_is(instance: OutgoingInstance, transfer_syntax_uid: str) -> Reason:
    """Return the reason of an object that is what was wanted, perhaps in a plainer syntax."""
    name = name_of(instance.sop_class_uid)
    if transfer_syntax_uid == instance.transfer_syntax_uid:
        return Reason(AS_WANTED, f"the peer accepts {name}")
    syntax, own = name_of(transfer_syntax_uid), name_of(instance.transfer_syntax_uid)
    return Reason("other_transfer_syntax", f"the peer accepts {name} in {syntax}, not in {own}")


def _said(objections: Sequence[str]) -> str:
    return f"the peer {' and '.join(dict.fromkeys(objections))}"
