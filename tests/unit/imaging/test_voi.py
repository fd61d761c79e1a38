import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom import Dataset
from pydicom.pixels.processing import apply_windowing

from service.imaging.grey_values import GreyScale, grey_scale
from service.imaging.reasons import Oddity
from service.imaging.voi import MAXIMUM_SATURATED_SHARE, WINDOWS, apply_voi

RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)


def windowed(
    header: Dataset, picture: NDArray[np.uint16] = RAMP
) -> tuple[GreyScale, tuple[Oddity, ...]]:
    return apply_voi(grey_scale(picture), header, is_little_endian=True)


def header_with(**keywords: object) -> Dataset:
    header = Dataset()
    for keyword, value in keywords.items():
        setattr(header, keyword, value)
    return header


def lut_item(entries: NDArray[np.uint16], first: int = 0) -> Dataset:
    return header_with(LUTDescriptor=[len(entries) % 65536, first, 16], LUTData=entries.tolist())


@given(
    center=st.floats(-5000, 70000),
    width=st.floats(2, 70000),
    function=st.sampled_from(sorted(WINDOWS)),
)
def test_each_function_agrees_with_pydicom(center: float, width: float, function: str) -> None:
    values = np.arange(0, 65536, 97)
    header = header_with(
        PhotometricInterpretation="MONOCHROME2",
        BitsStored=16,
        PixelRepresentation=0,
        VOILUTFunction=function,
    )
    header.add_new("WindowCenter", "FD", center)
    header.add_new("WindowWidth", "FD", width)

    ours = WINDOWS[function](values.astype(float), center, width)

    with np.errstate(over="ignore"):  # theirs overflows to the right answer
        expected = apply_windowing(values, header)
    np.testing.assert_allclose(ours * 65535, expected, atol=1e-6)


@given(center=st.floats(-100, 5000), width=st.floats(1, 9000))
def test_a_window_never_turns_the_order_of_values(center: float, width: float) -> None:
    scale, _notes = windowed(header_with(WindowCenter=f"{center:.4f}", WindowWidth=f"{width:.4f}"))

    assert (np.diff(scale.values) >= 0).all()


def test_a_window_cuts_off_what_lies_outside() -> None:
    scale, notes = windowed(header_with(WindowCenter="2048", WindowWidth="2048"))

    assert notes == ()
    assert scale.values[1023] == 0
    assert scale.values[3072] == 1
    assert 0.49 < scale.values[2048] < 0.51


def test_a_voi_lut_goes_before_a_window() -> None:
    curve = (RAMP.ravel().astype(float) ** 2 / 4095).astype(np.uint16)
    header = header_with(VOILUTSequence=[lut_item(curve)], WindowCenter="2048", WindowWidth="4096")

    scale, notes = windowed(header)

    np.testing.assert_array_equal(scale.values, curve)
    assert notes == ()


def test_a_broken_voi_lut_gives_way_to_the_window_with_a_warning() -> None:
    broken = header_with(LUTDescriptor=[4096, 0, 16], LUTData=[1, 2, 3])
    header = header_with(VOILUTSequence=[broken], WindowCenter="2048", WindowWidth="4096")

    scale, notes = windowed(header)

    assert scale.values.max() == 1
    assert notes == (Oddity.VOI_IGNORED,)


def test_the_first_usable_of_several_windows_is_taken() -> None:
    header = header_with(WindowCenter=["99999", "2048"], WindowWidth=["10", "4096"])

    scale, notes = windowed(header)

    assert 0.4 < np.mean(scale.values) < 0.6
    assert notes == (Oddity.VOI_IGNORED,)


@pytest.mark.parametrize(
    "keywords",
    [
        {"WindowCenter": "2048", "WindowWidth": "0"},
        {"WindowCenter": "2048", "WindowWidth": "-4096"},
        {"WindowCenter": "-9000", "WindowWidth": "100"},
        {"WindowCenter": "90000", "WindowWidth": "100"},
        {"WindowCenter": "2048", "WindowWidth": "1"},
        {"WindowCenter": "2048"},
        {"WindowWidth": "4096"},
        {"WindowCenter": ["NaN"], "WindowWidth": ["NaN"]},
        {"WindowCenter": "1e308", "WindowWidth": "1e-300"},
    ],
    ids=str,
)
def test_a_window_that_cannot_be_used_is_passed_over_with_a_warning(
    keywords: dict[str, object],
) -> None:
    scale, notes = windowed(header_with(**keywords))

    np.testing.assert_array_equal(scale.values, RAMP.ravel())
    assert notes == (Oddity.VOI_IGNORED,)


def test_no_window_is_no_oddity() -> None:
    scale, notes = windowed(Dataset())

    np.testing.assert_array_equal(scale.values, RAMP.ravel())
    assert notes == ()


def test_a_collimated_film_may_saturate_most_of_its_pixels() -> None:
    share = MAXIMUM_SATURATED_SHARE - 0.05
    picture = np.full(10_000, 3000, np.uint16)
    picture[: int(share * picture.size)] = 100
    picture[0], picture[-1] = 0, 4095

    scale, notes = windowed(
        header_with(WindowCenter="2500", WindowWidth="2000"), picture.reshape(100, 100)
    )

    assert notes == ()
    assert scale.values[100] == 0


def test_a_picture_of_two_values_keeps_its_window() -> None:
    picture = np.array([[0, 255]], np.uint16)

    _scale, notes = windowed(header_with(WindowCenter="128", WindowWidth="256"), picture)

    assert notes == ()
