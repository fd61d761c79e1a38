import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels import pack_bits
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from service.encoders.pixel_frames import TRANSFER_SYNTAXES, packed_bits, pixel_data

SHAPES = array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=11)


def read_back(
    content: bytes, shape: tuple[int, ...], transfer_syntax_uid: UID
) -> NDArray[np.uint8]:
    """What pydicom, with other decoders than these encoders, makes of the Pixel Data."""
    image = Dataset()
    image.file_meta = Dataset()
    image.file_meta.TransferSyntaxUID = transfer_syntax_uid
    image.NumberOfFrames, image.Rows, image.Columns = shape
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated = image.BitsStored = 8
    image.HighBit, image.PixelRepresentation = 7, 0
    image.PixelData = content
    pixels: NDArray[np.uint8] = image.pixel_array.reshape(shape)
    return pixels


@given(arrays(bool, SHAPES))
@settings(max_examples=60, deadline=None)
def test_bits_are_packed_as_pydicom_packs_them(masks: NDArray[np.bool_]) -> None:
    assert packed_bits(list(masks)) == pack_bits(masks.astype(np.uint8), pad=True)


# Tiny frames may by chance be as long compressed as they are raw, which pydicom finds odd.
@pytest.mark.filterwarnings("ignore:The number of bytes of compressed pixel data")
@pytest.mark.parametrize("transfer_syntax_uid", TRANSFER_SYNTAXES, ids=lambda uid: uid.name)
@given(
    frames=arrays(
        np.uint8,
        array_shapes(min_dims=3, max_dims=3, min_side=8, max_side=13),
        elements=st.sampled_from([0, 1, 9, 255]),
    )
)
@settings(max_examples=40, deadline=None)
def test_frames_are_read_back_as_they_went_in(
    transfer_syntax_uid: UID, frames: NDArray[np.uint8]
) -> None:
    content = pixel_data(iter(frames), transfer_syntax_uid)

    assert len(content) % 2 == 0
    assert np.array_equal(read_back(content, frames.shape, transfer_syntax_uid), frames)


@pytest.mark.parametrize("transfer_syntax_uid", [RLELossless, JPEGLSLossless])
@pytest.mark.parametrize("columns", [127, 128, 129, 300])
def test_long_runs_are_read_back(transfer_syntax_uid: UID, columns: int) -> None:
    frames = np.zeros((1, 5, columns), np.uint8)
    frames[0, 1:3, 3:-2] = 255
    frames[0, 3, ::2] = 7

    content = pixel_data(frames, transfer_syntax_uid)

    assert np.array_equal(read_back(content, frames.shape, transfer_syntax_uid), frames)


@given(st.integers(1, 40))
@settings(max_examples=20, deadline=None)
def test_whole_bytes_are_filled_to_an_even_length(columns: int) -> None:
    content = pixel_data([np.ones((1, columns), np.uint8)], ExplicitVRLittleEndian)

    assert len(content) == columns + columns % 2


def test_a_transfer_syntax_that_nobody_writes_is_refused() -> None:
    with pytest.raises(ValueError, match=str(JPEG2000Lossless)):
        pixel_data([np.zeros((2, 2), np.uint8)], JPEG2000Lossless)
