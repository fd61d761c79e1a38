"""Who is trained on, who chooses between checkpoints, who is only tested: by patient, for ever.

A patient's split follows from the patient's name alone, not from who else is there: a set that
grows moves nobody from test to train. In sets of a few dozen patients shares come out rough; name
the patients of validation and test there.
"""

import hashlib
from collections.abc import Collection, Mapping
from enum import StrEnum

from training.experiment import PackRecipe
from training.stage import StageFailed


class Split(StrEnum):
    """The three uses of a sample."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class SplitRefused(StageFailed):
    """The recipe puts a patient into two splits, or names one that is not there."""


def splits(patients: Mapping[str, str], recipe: PackRecipe) -> dict[str, Split]:
    """Return the split of every subject; `patients` holds the patient of each subject.

    Raises SplitRefused.
    """
    named = _named(patients, recipe)
    return {
        subject: named.get(patient) or _drawn(patient, recipe)
        for subject, patient in patients.items()
    }


def _named(patients: Mapping[str, str], recipe: PackRecipe) -> dict[str, Split]:
    """The split of every patient of whom a subject is named."""
    found: dict[str, Split] = {}
    for split, subjects in (
        (Split.TRAIN, recipe.train),
        (Split.VALIDATION, recipe.validation),
        (Split.TEST, recipe.test),
    ):
        _refuse_strangers(subjects, patients)
        for subject in subjects:
            patient = patients[subject]
            if found.setdefault(patient, split) is not split:
                raise SplitRefused(
                    f"{subject} would be in {split} and, as the same patient, in {found[patient]}"
                )
    return found


def _refuse_strangers(subjects: Collection[str], patients: Mapping[str, str]) -> None:
    strangers = sorted(set(subjects) - set(patients))
    if strangers:
        raise SplitRefused(f"pack names subjects that are not there: {', '.join(strangers)}")


def _drawn(patient: str, recipe: PackRecipe) -> Split:
    place = _place(f"{recipe.seed} {patient}")
    if place < recipe.test_share:
        return Split.TEST
    is_validation = place < recipe.test_share + recipe.validation_share
    return Split.VALIDATION if is_validation else Split.TRAIN


def _place(text: str) -> float:
    """A number from 0 to 1 that looks drawn by lot."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6]) / 2**48
