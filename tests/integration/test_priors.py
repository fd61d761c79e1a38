"""Priors among our own results, through the whole line with the real model."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.films_of_patients import Line, film, line


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Line]:
    with line(tmp_path / "home") as opened:
        yield opened


def test_x(service: Line) -> None:
    first = film(1, AcquisitionDate="20250101")
    service.analyse(first)
    job = service.send(film(2))
    result = service.run(job)
    print(result)
    a = service.processing.analyse.tools
    assert 0
