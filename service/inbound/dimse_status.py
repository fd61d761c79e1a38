"""What a sender is told when an instance is not taken (PS3.4 table B.2-1, PS3.7 annex C)."""

from service.errors import (
    ConflictingInstance,
    NotEligible,
    OutOfResources,
    RejectedInstance,
    ServiceError,
)

SUCCESS = 0x0000
PROCESSING_FAILURE = 0x0110
DUPLICATE_SOP_INSTANCE = 0x0111
OUT_OF_RESOURCES = 0xA700
DATA_SET_DOES_NOT_MATCH = 0xA900
CANNOT_UNDERSTAND = 0xC000

MISMATCH_CODE = "uid_mismatch"
STATUS_BY_CODE = {MISMATCH_CODE: DATA_SET_DOES_NOT_MATCH}
STATUS_BY_CLASS: dict[type[ServiceError], int] = {
    RejectedInstance: CANNOT_UNDERSTAND,
    NotEligible: CANNOT_UNDERSTAND,
    OutOfResources: OUT_OF_RESOURCES,
    ConflictingInstance: DUPLICATE_SOP_INSTANCE,
    ServiceError: PROCESSING_FAILURE,
}
MAXIMUM_COMMENT = 64


def refusal(error: Exception) -> tuple[int, str]:
    """Return the status and the Error Comment (LO) for `error`.

    Only a ServiceError may speak for itself: its text never quotes a value. A bug's text could.
    """
    if not isinstance(error, ServiceError):
        return PROCESSING_FAILURE, "internal error"
    by_class = (STATUS_BY_CLASS[each] for each in type(error).__mro__ if each in STATUS_BY_CLASS)
    return STATUS_BY_CODE.get(error.code) or next(by_class), _comment(error)


def _comment(error: ServiceError) -> str:
    printable = "".join(c for c in error.text if c.isascii() and c.isprintable() and c != "\\")
    return printable[:MAXIMUM_COMMENT].strip()
