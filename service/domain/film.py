"""Whose film it is, without saying who; when it was taken, and in which view."""

from dataclasses import dataclass

from service.domain.image import ViewPosition

DATE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Film:
    """What a film is found again by.

    patient: keyed hash of issuer and Patient ID; None when the header names nobody.
    acquired: digits YYYYMMDD[HH[MM[SS[F...]]]], as precise as the header is; None when it gives no
    date.
    """

    patient: str | None
    acquired: str | None
    view: ViewPosition

    @property
    def date(self) -> str:
        """Return the date of acquisition, "" when unknown."""
        return (self.acquired or "")[:DATE_LENGTH]

    def is_before(self, other: "Film") -> bool:
        """Return whether it was certainly taken before `other`.

        Compared as precisely as both are: of two films of one day of which one has no time, neither
        is before the other.
        """
        if self.acquired is None or other.acquired is None:
            return False
        digits = min(len(self.acquired), len(other.acquired))
        return self.acquired[:digits] < other.acquired[:digits]

    def may_be_prior_of(self, other: "Film") -> bool:
        """Return whether it is an earlier film of the same patient in the same view."""
        is_same = self.patient is not None and self.patient == other.patient
        return is_same and self.view is other.view and self.is_before(other)
