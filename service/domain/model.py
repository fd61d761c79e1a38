"""Which model made a result, and what ran it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which weights made this; the hash decides, name and version are for people."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Runtime:
    """What ran the weights: name and version of the library, and where it ran them first of all.

    thresholds: (key, probability from which a pixel belongs to the structure), in label order.
    settings_sha256: of all else in the package that decides a result, such as the gates' limits.
    """

    library: str
    provider: str
    thresholds: tuple[tuple[str, float], ...]
    settings_sha256: str = ""

    def threshold(self, key: str) -> float | None:
        """Return the threshold of the structure; None when the model has no such label."""
        return dict(self.thresholds).get(key)
