"""Checks say what they were held against."""

from service.domain.gate import Gate
from service.gates.scored import failed, passed, warning


def test_a_score_keeps_four_digits_and_a_word_stays() -> None:
    assert passed(Gate.CHEST, 0.123456, 0.1).value == 0.1235
    assert passed(Gate.PROJECTION, "PA").value == "PA"


def test_only_what_did_not_pass_has_a_reason() -> None:
    assert passed(Gate.CHEST, 0.9, 0.8).reason is None
    assert warning(Gate.AGE, "a child").reason == "a child"
    assert failed(Gate.CHEST, "a dog", 0.7, 0.8).reason == "a dog"
