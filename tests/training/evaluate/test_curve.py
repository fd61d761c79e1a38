"""A curve over packages."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.training.evaluate.conftest import PACKAGE
from training.evaluate.curve import Step, Trained, as_chart, as_table, parse, steps
from training.evaluate.metrics import Estimate
from training.evaluate.stage import Material

FOUND = [
    Step(1, "a 0.1.0", {"heart": Estimate(0.5, 0.4, 0.6, 9)}),
    Step(10, "a 0.2.0", {"heart": Estimate(0.8, 0.7, 0.9, 9)}),
]


def test_a_package_is_named_with_its_volumes() -> None:
    assert parse("3=models/a/0.1.0") == Trained(3, Path("models/a/0.1.0"))


@pytest.mark.parametrize("text", ["models/a/0.1.0", "x=models/a", "3=", "0=models/a"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="3=models/NAME/VERSION"):
        parse(text)


def test_the_axis_is_true_to_the_numbers() -> None:
    middle = Step(4, "b", {"heart": Estimate(0.6, 0.5, 0.7, 9)})

    drawn = ET.fromstring(as_chart([FOUND[0], middle, FOUND[1]]))  # noqa: S314

    x = [float(dot.attrib["cx"]) for dot in drawn.iter("{http://www.w3.org/2000/svg}circle")]
    # Four lies a third of the way from one to ten.
    assert x[1] - x[0] == pytest.approx((x[2] - x[0]) / 3, abs=0.1)


def test_the_table_has_a_row_for_each_package() -> None:
    rows = as_table(FOUND).splitlines()

    assert rows[0] == "| volumes | package | heart IoU |"
    assert rows[3] == "| 10 | a 0.2.0 | 0.800 (0.700 to 0.900) |"


def test_packages_are_scored_and_put_in_order(films: Path) -> None:
    material = Material(films=films, ids=(130, 131))

    found = steps([Trained(3, PACKAGE), Trained(1, PACKAGE)], material)

    assert [step.volumes for step in found] == [1, 3]
    assert found[0].scores == found[1].scores
    assert found[0].scores.keys() == {"lung fields", "heart"}
    assert found[0].scores["heart"].count == 2
