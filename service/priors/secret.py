"""The key under which patients are hashed: without it nobody can test a guessed Patient ID."""

import os
import secrets
from pathlib import Path
from uuid import uuid4

from service.errors import OutOfResources

KEY_BYTES = 32
KEY_FILE = "patient-hash.key"
_PRIVATE_FILE = 0o600


def load_key(home: Path, configured: str | None) -> bytes:
    """Return the configured key, else that of `home`, made at first use and readable by us alone.

    Of several processes that begin at once all get the same. Raises OutOfResources.
    """
    if configured:
        return configured.encode()
    path = home / KEY_FILE
    try:
        if not path.exists():
            _create(path)
        return path.read_bytes()
    except OSError as error:
        text = "the key of the patient hashes cannot be read or made"
        raise OutOfResources(text, code="no_patient_key") from error


def _create(path: Path) -> None:
    """Write a complete file and give it its name, unless another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(f".{uuid4().hex}")
    descriptor = os.open(written, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(written)
    except FileExistsError:
        pass
    finally:
        written.unlink()
