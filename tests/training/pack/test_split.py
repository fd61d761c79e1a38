import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.experiment import PackRecipe
from training.pack.split import Split, SplitRefused, splits

NAMES = st.lists(st.text("abcdef0123", min_size=1), min_size=1, unique=True)


def alone(names: list[str]) -> dict[str, str]:
    return {name: name for name in names}


@given(NAMES, st.integers(1, 3))
def test_no_patient_is_in_two_splits(names: list[str], volumes: int) -> None:
    patients = {f"{name}-{n}": name for name in names for n in range(volumes)}
    recipe = PackRecipe(validation_share=0.3, test_share=0.3)

    found = splits(patients, recipe)

    assert {(patients[subject], split) for subject, split in found.items()} == {
        (name, found[f"{name}-0"]) for name in names
    }


@given(NAMES, NAMES)
def test_more_patients_move_nobody(names: list[str], others: list[str]) -> None:
    recipe = PackRecipe(validation_share=0.3, test_share=0.3)
    before = splits(alone(names), recipe)
    after = splits(alone([*names, *others]), recipe)
    assert {name: after[name] for name in names} == before


def test_shares_come_out_in_large_sets() -> None:
    patients = alone([f"patient-{n}" for n in range(2000)])
    found = list(splits(patients, PackRecipe(validation_share=0.1, test_share=0.2)).values())
    # Four standard deviations of a binomial draw: 4 * sqrt(2000 * 0.2 * 0.8) < 72.
    assert abs(found.count(Split.TEST) - 400) < 72
    assert abs(found.count(Split.VALIDATION) - 200) < 54


def test_naming_one_volume_takes_all_volumes_of_the_patient() -> None:
    recipe = PackRecipe(test=["a-1"], validation_share=0, test_share=0)
    found = splits({"a-1": "a", "a-2": "a", "b": "b"}, recipe)
    assert found == {"a-1": Split.TEST, "a-2": Split.TEST, "b": Split.TRAIN}


def test_a_patient_in_two_splits_is_refused() -> None:
    recipe = PackRecipe(train=["a-1"], test=["a-2"])
    with pytest.raises(SplitRefused, match="same patient"):
        splits({"a-1": "a", "a-2": "a"}, recipe)


def test_a_subject_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(SplitRefused, match="not there: nobody"):
        splits({"a": "a"}, PackRecipe(test=["nobody"]))
