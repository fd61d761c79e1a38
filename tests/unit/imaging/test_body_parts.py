from service.imaging.body_parts import (
    CHEST_CODES,
    CHEST_NAMES,
    OTHER_CODES,
    OTHER_NAMES,
    says_chest,
    says_other,
)


def test_no_body_part_is_both_chest_and_other() -> None:
    assert not CHEST_NAMES & OTHER_NAMES
    assert not {each.value for each in CHEST_CODES} & {each.value for each in OTHER_CODES}


def test_names_are_written_as_they_are_compared() -> None:
    assert all(name.isalpha() and name.isupper() for name in CHEST_NAMES | OTHER_NAMES)


def test_nothing_said_is_neither() -> None:
    assert not says_chest((), ())
    assert not says_other(("",), ())
