"""Pages that programs write are as the programs would write them now."""

import re

import pytest
from PIL import Image, ImageChops, ImageStat

from docs.generate.golden_film import measured, picture
from docs.generate.measurement_page import measurement_page, picture_name
from docs.generate.measurements import PAGE, PICTURES
from service import measurements
from service.measurements.registry import MEASUREMENTS
from service.plugins import load

load(measurements)
DEFINITIONS = [definition for _, definition in MEASUREMENTS]


def test_the_page_of_measurements_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == measurement_page(), "run `make docs`"


def test_every_measurement_has_its_picture_and_no_other_is_kept() -> None:
    assert {path.name for path in PICTURES.iterdir()} == {
        picture_name(definition) for definition in DEFINITIONS
    }, "run `make docs`"


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.key)
def test_a_picture_shows_the_film_with_something_drawn_on_it(definition) -> None:  # noqa: ANN001
    with Image.open(PICTURES / picture_name(definition)) as file:
        red, green, blue = (band.getextrema() for band in file.convert("RGB").split())
        colourful = file.convert("HSV").getchannel("S").getextrema()[1]

    assert red[1] > 150 < green[1]
    assert blue[1] > 150
    assert colourful > 100
    assert any(found.points for found in measured(definition))


@pytest.mark.parametrize("key", ["cardiothoracic_ratio", "thoracic_kyphosis"])
def test_a_picture_can_be_drawn_again(key: str) -> None:
    drawn = picture(MEASUREMENTS.get(key))

    with Image.open(PICTURES / f"{key}.jpg") as kept:
        assert drawn.size == kept.size
        difference = ImageChops.difference(drawn, kept.convert("RGB"))
    # Letters and curves differ a little from one version of Pillow to the next.
    assert ImageStat.Stat(difference).mean == pytest.approx([0, 0, 0], abs=8)


def test_links_of_the_page_lead_to_its_sections() -> None:
    text = PAGE.read_text(encoding="utf-8")
    sections = {
        line[3:].lower().replace(" ", "-") for line in text.splitlines() if line[:3] == "## "
    }

    links = set(re.findall(r"\]\(#([^)]+)\)", text))

    assert links == sections
