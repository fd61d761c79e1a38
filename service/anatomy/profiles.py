"""Label profiles: which structures go out, by name or as a list of one's own.

A label of a model that the table does not know goes out in `full` alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service.anatomy.structures import structures_by_key

CLINICAL_KEYS = (
    "right_lung",
    "left_lung",
    "right_lung_field",
    "left_lung_field",
    "heart",
    "cardiomediastinum",
    "trachea",
    "aorta",
    "clavicle_left",
    "clavicle_right",
    "scapula_left",
    "scapula_right",
    "spine",
    "ribs",
    "left_hemidiaphragm",
    "right_hemidiaphragm",
    "upper_mediastinum",
    "descending_aorta",
    "aortic_arch",
    "pulmonary_artery",
    "tracheal_bifurcation",
)


@dataclass(frozen=True, slots=True)
class LabelProfile:
    """Which labels go out; `keys` None means all that the model has."""

    name: str
    keys: frozenset[str] | None

    def has(self, key: str) -> bool:
        """Return whether the label goes out."""
        return self.keys is None or key in self.keys

    def __repr__(self) -> str:
        """Return the same text for the same labels in every process: UIDs follow from it."""
        listed = "*" if self.keys is None else ",".join(sorted(self.keys))
        return f"LabelProfile({self.name}: {listed})"


CLINICAL = LabelProfile("clinical", frozenset(CLINICAL_KEYS))
FULL = LabelProfile("full", None)
PROFILES = {profile.name: profile for profile in (CLINICAL, FULL)}


def label_profile(chosen: Sequence[str]) -> LabelProfile:
    """Return the profile that is named alone, or the one of these keys.

    Raises ValueError naming what is neither a profile nor in the table.
    """
    if len(chosen) == 1 and chosen[0] in PROFILES:
        return PROFILES[chosen[0]]
    unknown = sorted(set(chosen) - structures_by_key().keys())
    if unknown or not chosen:
        raise ValueError(
            f"neither a profile ({', '.join(PROFILES)}) nor a structure of the anatomy table: "
            f"{', '.join(unknown) or 'the list is empty'}"
        )
    return LabelProfile("own", frozenset(chosen))
