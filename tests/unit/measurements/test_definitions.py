"""What every measurement must say of itself."""

import re

import pytest

from service import measurements
from service.domain.gate import Gate
from service.measurements.registry import MEASUREMENTS, Definition
from service.plugins import load

load(measurements)
DEFINITIONS = [definition for _, definition in MEASUREMENTS]


@pytest.fixture(params=DEFINITIONS, ids=lambda definition: definition.key)
def definition(request: pytest.FixtureRequest) -> Definition:
    found: Definition = request.param
    return found


def test_it_has_a_definition_a_formula_and_a_source(definition: Definition) -> None:
    for text in (definition.name, definition.definition, definition.formula, definition.source):
        assert text.strip() == text != ""


def test_its_key_and_codes_can_be_written_in_dicom(definition: Definition) -> None:
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", definition.key)
    for code in (definition.code, definition.unit, definition.finding_site):
        assert 0 < len(code.value) <= 16
        assert 0 < len(code.scheme) <= 16
        assert 0 < len(code.meaning) <= 64


def test_a_normal_range_says_for_whom_it_holds_and_who_says_so(definition: Definition) -> None:
    for normal in definition.normal:
        assert normal.population
        assert normal.source
        assert normal.low is not None or normal.high is not None
        assert set(normal.views) <= set(definition.views)
        if normal.low is not None and normal.high is not None:
            assert normal.low < normal.high


def test_it_depends_on_gates_that_there_are(definition: Definition) -> None:
    assert set(definition.gates) <= set(Gate)


def test_the_line_it_is_drawn_on_belongs_to_a_measurement(definition: Definition) -> None:
    if definition.drawn_with is not None:
        host = MEASUREMENTS.get(definition.drawn_with)
        assert host.drawn_with is None
        assert set(definition.views) <= set(host.views)
