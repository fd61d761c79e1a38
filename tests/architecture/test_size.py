"""Files and functions stay small. The numbers are a ratchet: they may only be turned down."""

import ast
import statistics

import pytest

from tests.architecture.sources import FunctionNode, sources

LONGEST_FILE = 300
MEDIAN_BODY = 8
NINETIETH_PERCENTILE_BODY = 25
LONGEST_BODY = 32


def body_lines(function: FunctionNode) -> int:
    """Return the lines of the body, from its first statement to its last, docstring apart."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("folder", ["service", "training"])
def test_files_are_short(folder: str) -> None:
    lengths = {source.name: len(source.text.splitlines()) for source in sources(folder)}

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.parametrize("folder", ["service", "training"])
def test_functions_are_short(folder: str) -> None:
    lengths = sorted(
        (body_lines(function), f"{source.name}:{function.lineno} {function.name}")
        for source in sources(folder)
        for function in source.functions()
    )
    numbers = [length for length, _ in lengths]

    assert statistics.median(numbers) <= MEDIAN_BODY
    assert numbers[int(len(numbers) * 0.9)] <= NINETIETH_PERCENTILE_BODY
    assert [entry for entry in lengths if entry[0] > LONGEST_BODY] == []
