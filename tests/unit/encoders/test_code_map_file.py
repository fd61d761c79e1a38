from pathlib import Path

import pytest

from service.domain.segmentation import Code
from service.encoders.code_map import NO_CODE_MAP
from service.encoders.code_map_file import CodeMapError, read_code_map

WHOLE = """
[codes]
"SCT:80891009" = { value = "RID1385", scheme = "RADLEX", meaning = "heart" }
"99THORAX:CTR" = { value = "HTQ", scheme = "99HOSPITAL", meaning = "Herz-Thorax-Quotient" }

[names]
cardiothoracic_ratio = "Herz-Thorax-Quotient"

[schemes.99HOSPITAL]
name = "Radiology catalogue"
responsible_organization = "A hospital"
uid = "1.2.3"
"""


def written(text: str, folder: Path) -> Path:
    path = folder / "codes.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_codes_names_and_schemes_are_read(tmp_path: Path) -> None:
    site = read_code_map(written(WHOLE, tmp_path))

    assert site.code("99THORAX", "CTR") == Code("HTQ", "99HOSPITAL", "Herz-Thorax-Quotient")
    assert site.code("SCT", "80891009") == Code("RID1385", "RADLEX", "heart")
    assert site.names == (("cardiothoracic_ratio", "Herz-Thorax-Quotient"),)
    assert (site.schemes[0].designator, site.schemes[0].uid) == ("99HOSPITAL", "1.2.3")


def test_the_order_of_the_file_changes_nothing(tmp_path: Path) -> None:
    first, second = WHOLE.split("\n\n[names]", maxsplit=1)[0].strip().splitlines()[1:]

    turned = read_code_map(
        written(WHOLE.replace(f"{first}\n{second}", f"{second}\n{first}"), tmp_path)
    )

    assert turned == read_code_map(written(WHOLE, tmp_path))


def test_an_empty_file_replaces_nothing(tmp_path: Path) -> None:
    assert read_code_map(written("", tmp_path)) == NO_CODE_MAP


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("codes = 3", "codes"),
        ("[codes]\nCTR = { value = 'A', scheme = 'RADLEX', meaning = 'a' }", "codes.CTR"),
        ("[codes]\n'99THORAX:CTR' = { value = 'A', scheme = 'RADLEX' }", "meaning"),
        (
            "[codes]\n'99THORAX:CTR' = { value = 'A', scheme = '99OURS', meaning = 'a' }",
            "99OURS is not under schemes",
        ),
        (
            "[codes]\n'SCT:1' = { value = 'CTR', scheme = '99THORAX', meaning = 'a' }",
            "is one of ours",
        ),
        (
            "[codes]\n'SCT:1' = { value = '1', scheme = 'SCT', meaning = 'a' }",
            "is one of ours",
        ),
        (f"[names]\ncardiac_width = '{'x' * 65}'", "names.cardiac_width"),
        ("[names]\n'Cardiac width' = 'x'", "Cardiac width"),
        ("[schemes.99A]\nname = 'a'", "responsible_organization"),
        ("[surprise]", "surprise"),
        ("not toml", "codes.toml"),
    ],
)
def test_a_wrong_file_is_refused_by_what_is_wrong(text: str, wrong: str, tmp_path: Path) -> None:
    with pytest.raises(CodeMapError, match=wrong):
        read_code_map(written(text, tmp_path))


def test_a_missing_file_is_refused_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(CodeMapError, match=r"absent.toml: cannot be read"):
        read_code_map(tmp_path / "absent.toml")
