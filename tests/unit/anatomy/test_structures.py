"""The anatomy table against its sources: the standard's dictionary, CXAS, the models."""

import csv
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from pydicom.sr._concepts_dict import concepts

from service.anatomy.structures import CATEGORY, Precision, structures, structures_by_key
from service.domain.segmentation import Laterality
from service.inference.manifest import LabelEntry
from tests.peers import REPOSITORY

# Numbered ribs and these parts are coded as TotalSegmentator's terminology has them: PS3.16's
# context groups, which pydicom's dictionary is made of, do not list them.
NOT_IN_THE_DICTIONARY = {"74281007": "Myocardium"}
RIB_CODES = {
    "48535007": "First rib",
    "78247007": "Second rib",
    "25888004": "Third rib",
    "25523003": "Fourth rib",
    "15339008": "Fifth rib",
    "59558009": "Sixth rib",
    "24915002": "Seventh rib",
    "5953002": "Eighth rib",
    "22565002": "Ninth rib",
    "77644006": "Tenth rib",
    "58830002": "Eleventh rib",
    "43993008": "Twelfth rib",
}


def dictionary() -> dict[str, set[str]]:
    """SNOMED CT code -> its meanings in PS3.16."""
    known: dict[str, set[str]] = {}
    for codes in concepts["SCT"].values():
        for value, (meaning, _) in codes.items():
            known.setdefault(value, set()).add(meaning.lower())
    return known


def test_numbers_count_from_one_and_keys_are_unique() -> None:
    assert [s.number for s in structures()] == list(range(1, len(structures()) + 1))
    assert len(structures_by_key()) == len(structures())


def test_a_number_and_a_key_fit_into_a_labelmap_and_a_tracking_identifier() -> None:
    assert max(s.number for s in structures()) <= 255
    assert all(len(s.label) <= 64 for s in structures())


def test_every_code_and_modifier_means_what_the_standard_says() -> None:
    known = dictionary()
    known |= {
        value: {meaning.lower()} for value, meaning in (RIB_CODES | NOT_IN_THE_DICTIONARY).items()
    }
    wrong = [
        (structure.key, code)
        for structure in structures()
        for code in (CATEGORY, structure.type, *structure.modifiers)
        if code.meaning.lower() not in known.get(code.value, set())
    ]

    assert wrong == []


def test_a_side_is_the_word_of_the_key_and_of_the_label() -> None:
    for structure in structures():
        words = structure.key.split("_")
        named = next((side for side in Laterality if side in words), None)
        if structure.key.startswith("heart_"):
            assert structure.laterality is None  # a right ventricle is no ventricle on the right
            continue
        assert structure.laterality is named
        assert named is None or named in structure.label.lower()


def test_an_exact_code_stands_for_one_structure_alone() -> None:
    exact = [s.type for s in structures() if s.precision is Precision.EXACT]

    assert len(set(exact)) == len(exact)


def test_a_structure_is_told_apart_by_its_codes_where_the_table_says_so() -> None:
    told = [
        (s.type, s.modifiers, s.laterality)
        for s in structures()
        if s.precision is not Precision.GENERAL
    ]

    assert len(set(told)) == len(told)


def test_a_code_that_says_too_little_has_a_note() -> None:
    for structure in structures():
        assert structure.precision is not Precision.GENERAL or structure.note


def test_every_colour_is_used_once() -> None:
    assert len({s.colour_rgb for s in structures()}) == len(structures())


@pytest.mark.shared
def test_every_label_of_cxas_is_in_the_table_once(shared_data: Path) -> None:
    with (shared_data / "reference" / "cxas_labels.csv").open(encoding="utf-8") as file:
        names = [row["cxas_name"] for row in csv.DictReader(file)]
    listed = [s.cxas_name for s in structures() if s.cxas_name is not None]

    assert len(names) == 159
    assert sorted(listed) == sorted(names)


PACKAGES = sorted((REPOSITORY / "models").glob("*/*/labels.yaml"))


@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: "-".join(path.parts[-3:-1]))
def test_a_model_says_of_its_labels_what_the_table_says(path: Path) -> None:
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    for entry in entries:
        label = LabelEntry.model_validate(entry).to_segment()

        assert label == structures_by_key()[label.key].to_segment()


def test_there_is_a_model_to_compare_with() -> None:
    assert PACKAGES


def test_the_table_is_part_of_the_package() -> None:
    """It is read as the package's resource, and hatchling packs every file of `service`."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]

    assert files("service.anatomy").joinpath("structures.csv").is_file()
    assert "service" in wheel["packages"]
    assert "exclude" not in wheel


def test_the_page_lists_every_structure() -> None:
    page = (REPOSITORY / "docs" / "structures.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (\d+) \| `(\w+)` \| ([^|]+) \| (\d+) ([^|]+) \|", page, re.MULTILINE)

    assert listed == [
        (str(s.number), s.key, s.label, s.type.value, s.type.meaning) for s in structures()
    ]
