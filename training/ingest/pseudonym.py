"""Names for people that stay the same from run to run and cannot be turned back."""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

DIGITS = 12


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """A keyed hash: without the key nobody can try out which identifier gives which name."""

    key: bytes

    @classmethod
    def load(cls, path: Path) -> "Pseudonyms":
        """Read the key, or make one that only its owner may read. Keep it: it makes the names."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32))
        return cls(bytes.fromhex(path.read_text().strip()))

    def patient(self, identifier: str) -> str:
        """The pseudonym of a Patient ID."""
        return f"p-{self._digest(identifier)[:DIGITS]}"

    def series(self, uid: str) -> str:
        """The pseudonym of a Series Instance UID."""
        return self._digest(uid)[: DIGITS // 2]

    def _digest(self, text: str) -> str:
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()
