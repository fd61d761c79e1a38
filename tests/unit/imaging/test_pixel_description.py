import pytest

from service.errors import RejectedInstance
from service.imaging.limits import DecodeLimits
from service.imaging.pixel_description import PixelDescription, check_size, describe_pixels
from tests.builders import build_dx


def code_of(**keywords: object) -> str:
    with pytest.raises(RejectedInstance) as caught:
        describe_pixels(build_dx(**keywords))
    return caught.value.code


def test_the_description_is_the_headers() -> None:
    header = build_dx(BitsStored=10, HighBit=11, PixelRepresentation=1)

    assert describe_pixels(header) == PixelDescription(
        header.Rows, header.Columns, 16, 10, 11, is_signed=True
    )


@pytest.mark.parametrize(
    "keyword",
    ["Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"],
)
def test_each_attribute_is_needed(keyword: str) -> None:
    assert code_of(**{keyword: None}) == "missing_attribute"


@pytest.mark.parametrize("keyword", ["SamplesPerPixel", "PhotometricInterpretation"])
def test_what_the_values_mean_is_needed(keyword: str) -> None:
    assert code_of(**{keyword: None}) == "missing_attribute"


@pytest.mark.parametrize(
    "keywords",
    [
        {"Rows": 0},
        {"Columns": 0},
        {"BitsStored": 17},
        {"BitsStored": 0},
        {"HighBit": 16},
        {"HighBit": 10},
        {"PixelRepresentation": 2},
        {"SamplesPerPixel": 0},
    ],
    ids=str,
)
def test_values_that_contradict_each_other_are_invalid(keywords: dict[str, int]) -> None:
    assert code_of(**keywords) == "invalid_attribute"


@pytest.mark.parametrize(
    "keywords",
    [
        {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0},
        {"BitsAllocated": 12},
        {"BitsAllocated": 32},
        {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB"},
        {"SamplesPerPixel": 3},
        {"PhotometricInterpretation": "PALETTE COLOR"},
        {"NumberOfFrames": "2"},
        {"NumberOfFrames": "2147483647"},
    ],
    ids=str,
)
def test_other_formats_are_named_unsupported(keywords: dict[str, object]) -> None:
    assert code_of(**keywords) == "unsupported_pixel_format"


def test_the_size_is_of_whole_bytes() -> None:
    assert PixelDescription(3, 5, 16, 12, 11, is_signed=False).size_bytes == 3 * 5 * 2


def test_the_limit_itself_is_allowed() -> None:
    description = PixelDescription(10, 10, 16, 12, 11, is_signed=False)

    check_size(description, DecodeLimits(pixels=100))
    with pytest.raises(RejectedInstance) as caught:
        check_size(description, DecodeLimits(pixels=99))
    assert caught.value.code == "too_large"
