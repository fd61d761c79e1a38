import pytest

from service.encoders.letters import BOLD, REGULAR, font, wrapped


def test_the_letters_come_with_a_library() -> None:
    assert REGULAR.is_file()
    assert BOLD.is_file()


@pytest.mark.parametrize("sign", "°²±éß–≥")
def test_there_is_a_letter_for_each_sign_that_units_and_names_need(sign: str) -> None:
    missing = font(20).getmask("\uffff")

    assert bytes(font(20).getmask(sign)) != bytes(missing)


def test_letters_are_never_too_small_to_read() -> None:
    assert font(2) is font(8)


def test_lines_are_no_wider_than_they_may_be_and_lose_no_word() -> None:
    text = "what stands in a panel must be read by people " * 5

    lines = wrapped(text, 300, 20)

    assert " ".join(lines).split() == text.split()
    assert len(lines) > 1
    assert all(font(20).getlength(line) <= 300 for line in lines)


def test_a_word_that_is_too_long_stands_alone() -> None:
    assert wrapped("a " + "w" * 99 + " b", 50, 20) == ["a", "w" * 99, "b"]
