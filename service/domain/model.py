"""Which model made a result."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which weights made this; the hash decides, name and version are for people."""

    name: str
    version: str
    sha256: str
