"""Every error the service raises on purpose.

ServiceError                 code, retryable
├── RejectedInstance         the sender's fault: never retried, job `rejected`
├── NotEligible              readable, but not for us: job `skipped`
├── ModelPackageError        the operator's: stops the worker
├── MissingSegment           a measurement cannot be taken: recorded, never fatal
├── NothingToEncode           an object has nothing in it: not written, the others are
├── OutOfResources           ours for the moment: retried
├── PeerError                the other side of an association: retried with back-off
│   └── PeerRefused          the peer said no for good: never retried
└── StateError               a bug or a race
    ├── IllegalTransition · LeaseLost · UnknownPlugin · ConflictingInstance

Errors know nothing of HTTP or DIMSE; each edge has one table that translates `code`.
A message names attribute keywords, never their values, so that it may be logged and shown.
"""


class ServiceError(Exception):
    """Base of all; `code` is stable snake_case, shown in the API and in result.json."""

    code = "internal_error"
    retryable = False

    def __init__(self, text: str = "", *, code: str | None = None) -> None:
        super().__init__(text or (self.__doc__ or "").splitlines()[0])
        if code is not None:
            self.code = code

    @property
    def text(self) -> str:
        """One sentence for people, free of patient data."""
        return str(self)


class RejectedInstance(ServiceError):
    """The instance cannot be read, or is hostile."""

    code = "unreadable"


class NotEligible(ServiceError):
    """The instance is readable but no model serves it."""

    code = "not_eligible"


class ModelPackageError(ServiceError):
    """A model package is missing, invalid or does not match its weights."""

    code = "model_package"


class MissingSegment(ServiceError):
    """A measurement needs a segment that was not found."""

    code = "missing_segment"


class NotMeasurable(MissingSegment):
    """A gate of the measurement failed."""

    code = "gate_failed"


class NothingToEncode(ServiceError):
    """An object was asked for that would have nothing in it."""

    code = "nothing_to_encode"


class OutOfResources(ServiceError):
    """No space, memory or database for the moment."""

    code = "out_of_resources"
    retryable = True


class PeerError(ServiceError):
    """A peer could not be reached or broke off."""

    code = "peer_unreachable"
    retryable = True


class PeerRefused(PeerError):
    """A peer refused the object for good."""

    code = "peer_refused"
    retryable = False


class StateError(ServiceError):
    """A bug or a race in the service itself."""

    code = "state_error"


class IllegalTransition(StateError):
    """A job was asked to move to a state that its state does not allow."""

    code = "illegal_transition"


class LeaseLost(StateError):
    """Another worker holds the job now; this one's result is thrown away."""

    code = "lease_lost"


class ConflictingInstance(StateError):
    """The SOP Instance UID is known with other content; it is kept under `job_id` all the same."""

    code = "conflict"

    def __init__(self, text: str = "", *, job_id: str) -> None:
        super().__init__(text)
        self.job_id = job_id


class UnknownPlugin(StateError):
    """No plug-in is registered under this name."""

    code = "unknown_plugin"
