"""An instance as it came in, before anything but its identifiers was read."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from service.domain.identifiers import InstanceReference


@dataclass(frozen=True, slots=True)
class ReceivedInstance:
    """A complete DICOM Part 10 file in the spool's temporary folder, fsynced, not yet accepted.

    `content_sha256` is taken over the data set's bytes (not the preamble and file meta), so that
    the same instance sent by C-STORE and by REST has one hash.
    `source` is the calling AE title or the API client's name, cut to 64 printable characters.
    """

    reference: InstanceReference
    transfer_syntax_uid: str
    temporary_path: Path
    content_sha256: str
    size_bytes: int
    source: str
    received_at: datetime
