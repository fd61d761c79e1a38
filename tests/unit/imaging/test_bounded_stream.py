from io import BytesIO

import pytest

from service.imaging.bounded_stream import BoundedStream, BudgetSpent, ReadBudget


def test_a_read_beyond_the_end_returns_what_is_there_and_is_charged_no_more() -> None:
    budget = ReadBudget(reads=10, size_bytes=10)
    stream = BoundedStream(BytesIO(b"12345"), 5, budget)

    assert stream.read(0xFFFFFFFE) == b"12345"
    assert budget.size_bytes == 10 - 5


def test_reading_without_a_size_reads_to_the_end() -> None:
    stream = BoundedStream(BytesIO(b"12345"), 5, ReadBudget(10, 10))
    stream.seek(2)

    assert stream.read() == b"345"
    assert stream.tell() == 5


def test_the_budget_of_reads_is_shared_by_streams() -> None:
    budget = ReadBudget(reads=2, size_bytes=100)
    first = BoundedStream(BytesIO(b"ab"), 2, budget)
    second = BoundedStream(BytesIO(b"ab"), 2, budget)
    first.read(1)
    second.read(1)

    with pytest.raises(BudgetSpent):
        first.read(1)


def test_more_bytes_than_the_budget_has_are_refused() -> None:
    stream = BoundedStream(BytesIO(bytes(11)), 11, ReadBudget(reads=9, size_bytes=10))

    with pytest.raises(BudgetSpent):
        stream.read(11)
