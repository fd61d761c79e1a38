"""What a peer's answer to C-STORE means for the sender (PS3.4 table B.2-1, PS3.7 annex C)."""

from enum import StrEnum


class StoreOutcome(StrEnum):
    """What to do after an answer: nothing more, the same again later, or nothing ever."""

    STORED = "stored"
    RETRY = "retry"
    REFUSED = "refused"


# Our objects are the same bytes whenever they are made, so a peer that knows the UID has them.
_STORED = frozenset({0x0000, 0x0001, 0x0107, 0x0111, 0x0116})
_REFUSED = frozenset(
    {
        0x0105,  # no such attribute
        0x0106,  # invalid attribute value
        0x0112,  # no such SOP instance
        0x0115,  # invalid argument value
        0x0117,  # invalid object instance
        0x0118,  # no such SOP class
        0x0119,  # class-instance conflict
        0x0120,  # missing attribute
        0x0121,  # missing attribute value
        0x0122,  # SOP class not supported
        0x0124,  # not authorised
        0x0210,  # duplicate invocation
        0x0211,  # unrecognised operation
        0x0212,  # mistyped argument
    }
)
_WARNINGS = range(0xB000, 0xC000)
_REFUSALS = (range(0xA900, 0xAA00), range(0xC000, 0xD000))


def outcome_of(status: int) -> StoreOutcome:
    """Return the outcome for any status.

    Success and warnings are stored. A data set that does not match its class (0xA9xx) or cannot be
    understood (0xCxxx) stays so. Whatever else, out of resources (0xA7xx), processing failure
    (0x0110) and codes that no table knows, may pass: senders give up by age, not by guess.
    """
    if status in _STORED or status in _WARNINGS:
        return StoreOutcome.STORED
    if status in _REFUSED or any(status in each for each in _REFUSALS):
        return StoreOutcome.REFUSED
    return StoreOutcome.RETRY
