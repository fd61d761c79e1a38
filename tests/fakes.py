"""Stand-ins for the clock and the queue, and made-up instances.

The fake queue passes the contract test of the real one (tests/unit/test_queue.py).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from service.domain.identifiers import (
    InstanceReference,
    JobId,
    SeriesInstanceUID,
    SOPClassUID,
    SOPInstanceUID,
    StudyInstanceUID,
)
from service.domain.instance import ReceivedInstance
from service.errors import OutOfResources
from service.persistence.spool import Spool

DX_FOR_PRESENTATION = SOPClassUID("1.2.840.10008.5.1.4.1.1.1.1")
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class MovableClock:
    """The database's time, moved by the test."""

    now: datetime = START
    when_asked: Callable[[], None] = lambda: None

    def __call__(self, _session: object = None) -> datetime:
        self.when_asked()
        return self.now

    def move(self, **duration: float) -> None:
        """Go on, or back, by a timedelta."""
        self.now += timedelta(**duration)


@dataclass
class RecordingQueue:
    """A queue that remembers who was rung for; silent and failing while `is_down`."""

    analyses: list[JobId] = field(default_factory=list)
    deliveries: list[JobId] = field(default_factory=list)
    is_down: bool = False

    def ring_analysis(self, job_id: JobId) -> None:
        self._require_up()
        self.analyses.append(job_id)

    def ring_delivery(self, job_id: JobId) -> None:
        self._require_up()
        self.deliveries.append(job_id)

    def waiting_analyses(self) -> int:
        self._require_up()
        return len(self.analyses)

    def waiting_deliveries(self) -> int:
        self._require_up()
        return len(self.deliveries)

    def _require_up(self) -> None:
        if self.is_down:
            raise OutOfResources("the broker does not answer", code="broker_unavailable")


def reference(sop_instance_uid: str = "1.2.3.4") -> InstanceReference:
    """Return a reference to a DX image."""
    return InstanceReference(
        StudyInstanceUID("1.2.3"),
        SeriesInstanceUID("1.2.3.1"),
        SOPInstanceUID(sop_instance_uid),
        DX_FOR_PRESENTATION,
    )


def receive(
    spool: Spool,
    sop_instance_uid: str = "1.2.3.4",
    content: bytes = b"pixels",
    received_at: datetime = START,
) -> ReceivedInstance:
    """Put an instance into the spool's temporary folder, as a listener does."""
    path = spool.temporary_file()
    path.write_bytes(content)
    return ReceivedInstance(
        reference=reference(sop_instance_uid),
        transfer_syntax_uid=EXPLICIT_VR_LITTLE_ENDIAN,
        temporary_path=path,
        content_sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        source="TESTPACS",
        received_at=received_at,
    )
