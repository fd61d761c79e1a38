import signal
import subprocess
import sys
import tracemalloc
from multiprocessing import Process, Queue
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.uid import (
    JPEG2000,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from service.errors import OutOfResources, RejectedInstance
from service.imaging import decode
from service.imaging.decode import stored_values
from service.imaging.limits import DEFAULT_LIMITS, DecodeLimits
from service.imaging.part10 import open_part10
from service.imaging.pixel_description import describe_pixels
from tests.builders import build_dx, draw_chest, write_encapsulated, write_part10
from tests.peers import require
from tests.unit.imaging.codestreams import (
    codestream_of,
    jpeg_2000_claiming,
    jpeg_baseline,
    jpeg_claiming,
    lossless_jpeg_copy,
    rle_of_zeros,
)

NATIVE = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]
LARGEST = 65535


def noise(bits: int, *, signed: bool, shape: tuple[int, int] = (45, 38)) -> NDArray[Any]:
    """Every value that `bits` can hold is as likely as any other; both ends occur."""
    lowest = -(2 ** (bits - 1)) if signed else 0
    generator = np.random.default_rng(bits)
    values = generator.integers(lowest, lowest + 2**bits, shape)
    values[0, 0], values[-1, -1] = lowest, lowest + 2**bits - 1
    kind = "i" if signed else "u"
    return values.astype(f"{kind}{1 if bits <= 8 else 2}")


def described(values: NDArray[Any], bits: int) -> Dataset:
    return build_dx(values, BitsStored=bits, HighBit=bits - 1)


def read(path: Path, limits: DecodeLimits = DEFAULT_LIMITS) -> NDArray[Any]:
    file = open_part10(path, limits)
    return stored_values(path, file, describe_pixels(file.header), limits)


def code_of(path: Path, limits: DecodeLimits = DEFAULT_LIMITS) -> str:
    with pytest.raises(RejectedInstance) as caught:
        read(path, limits)
    return caught.value.code


@pytest.mark.parametrize("signed", ["unsigned", "signed"])
@pytest.mark.parametrize("bits", [8, 10, 12, 15, 16])
@pytest.mark.parametrize("transfer_syntax", NATIVE, ids=lambda uid: uid.name)
def test_plain_values_come_back_exactly(
    tmp_path: Path, transfer_syntax: str, bits: int, signed: str
) -> None:
    values = noise(bits, signed=signed == "signed")

    path = write_part10(described(values, bits), tmp_path / "dx.dcm", transfer_syntax)

    np.testing.assert_array_equal(read(path), values)


@pytest.mark.parametrize(
    ("transfer_syntax", "bits", "signed"),
    [
        (RLELossless, 8, "unsigned"),
        (RLELossless, 12, "signed"),
        (RLELossless, 16, "unsigned"),
        (JPEGLSLossless, 8, "unsigned"),
        (JPEGLSLossless, 12, "unsigned"),
        (JPEGLSLossless, 16, "unsigned"),
        (JPEG2000Lossless, 8, "signed"),
        (JPEG2000Lossless, 10, "unsigned"),
        (JPEG2000Lossless, 12, "signed"),
        (JPEG2000Lossless, 15, "unsigned"),
        (JPEG2000Lossless, 16, "signed"),
    ],
    ids=str,
)
def test_values_come_back_exactly_from_lossless_codecs(
    tmp_path: Path, transfer_syntax: str, bits: int, signed: str
) -> None:
    values = noise(bits, signed=signed == "signed")

    path = write_part10(described(values, bits), tmp_path / "dx.dcm", transfer_syntax)

    np.testing.assert_array_equal(read(path), values)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (3, 5), (64, 65)], ids=str)
@pytest.mark.parametrize("bits", [8, 12])
def test_odd_sizes_and_their_padding_come_back(
    tmp_path: Path, shape: tuple[int, int], bits: int
) -> None:
    values = noise(bits, signed=False, shape=shape)

    path = write_part10(described(values, bits), tmp_path / "dx.dcm")

    np.testing.assert_array_equal(read(path), values)


@pytest.mark.parametrize("bits_stored", [8, 12])
def test_bits_outside_the_stored_ones_are_no_part_of_the_value(
    tmp_path: Path, bits_stored: int
) -> None:
    values = noise(bits_stored, signed=False).astype(np.uint16)
    shift = 3
    cells = ((values << shift) | 0b101) | (1 << 15)  # as overlays did before 2004
    dataset = build_dx(cells, BitsStored=bits_stored, HighBit=bits_stored - 1 + shift)

    path = write_part10(dataset, tmp_path / "dx.dcm")

    np.testing.assert_array_equal(read(path), values)


def test_eight_bit_pixels_in_big_endian_words_come_in_their_order(tmp_path: Path) -> None:
    values = noise(8, signed=False, shape=(4, 6))
    dataset = described(values, 8)
    dataset.PixelData = values.ravel().view(np.uint16).byteswap().tobytes()
    dataset["PixelData"].VR = "OW"

    path = write_part10(dataset, tmp_path / "dx.dcm", ExplicitVRBigEndian)

    np.testing.assert_array_equal(read(path), values)


def test_near_lossless_jpeg_ls_comes_back_within_its_error(tmp_path: Path) -> None:
    dataset = described(noise(12, signed=False), 12)
    codestream = codestream_of(dataset, JPEGLSNearLossless, jls_error=3)

    path = write_encapsulated(dataset, tmp_path / "dx.dcm", JPEGLSNearLossless, codestream)

    assert 0 < np.abs(read(path).astype(int) - noise(12, signed=False)).max() <= 3


def test_lossy_jpeg_2000_comes_back_within_its_error(tmp_path: Path) -> None:
    signal_to_noise_db = 60
    dataset = build_dx()
    codestream = codestream_of(dataset, JPEG2000, j2k_psnr=[signal_to_noise_db])

    path = write_encapsulated(dataset, tmp_path / "dx.dcm", JPEG2000, codestream)

    error = read(path).astype(float) - draw_chest()
    assert 0 < np.sqrt(np.mean(error**2)) <= 1.5 * 4095 * 10 ** (-signal_to_noise_db / 20)


def test_a_baseline_jpeg_comes_back_within_its_error(tmp_path: Path) -> None:
    values = noise(8, signed=False).astype(np.uint8) // 8 + 100

    path = write_encapsulated(
        described(values, 8), tmp_path / "dx.dcm", JPEGBaseline8Bit, jpeg_baseline(values)
    )

    assert np.abs(read(path).astype(int) - values).max() <= 12


@pytest.mark.parametrize("bits", [8, 12])
def test_lossless_jpeg_of_another_maker_comes_back_exactly(tmp_path: Path, bits: int) -> None:
    values = noise(bits, signed=False)
    plain = write_part10(described(values, bits), tmp_path / "dx.dcm")

    path = lossless_jpeg_copy(plain, require("dcmdump").with_name("dcmcjpeg"))

    assert dcmread(path).file_meta.TransferSyntaxUID == JPEGLosslessSV1
    np.testing.assert_array_equal(read(path), values)


def test_signed_pixels_in_a_codestream_that_calls_them_unsigned_keep_their_sign(
    tmp_path: Path,
) -> None:
    values = noise(12, signed=True)
    unsigned = (values & 0xFFF).astype(np.uint16)
    dataset = described(unsigned, 12)
    codestream = codestream_of(dataset, JPEG2000Lossless)
    dataset.PixelRepresentation = 1

    path = write_encapsulated(dataset, tmp_path / "dx.dcm", JPEG2000Lossless, codestream)

    np.testing.assert_array_equal(read(path), values)


def test_a_codestream_in_several_fragments_is_one_picture(tmp_path: Path) -> None:
    values = draw_chest(bits_stored=8)
    codestream = jpeg_baseline(values)
    half = len(codestream) // 2

    path = write_encapsulated(
        described(values, 8),
        tmp_path / "dx.dcm",
        JPEGBaseline8Bit,
        codestream[:half],
        codestream[half:],
    )

    assert read(path).shape == values.shape


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Rows": 95}, "pixel_size_mismatch"),
        ({"Rows": 97}, "pixel_size_mismatch"),
        ({"Columns": 79}, "pixel_size_mismatch"),
        ({"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}, "pixel_size_mismatch"),
        ({"Rows": LARGEST, "Columns": LARGEST}, "pixel_size_mismatch"),
        ({"PixelData": None}, "no_pixel_data"),
        ({"PixelData": b""}, "no_pixel_data"),
    ],
    ids=str,
)
def test_plain_pixels_must_be_as_many_as_the_header_says(
    tmp_path: Path, change: dict[str, Any], code: str
) -> None:
    assert code_of(write_part10(build_dx(**change), tmp_path / "dx.dcm")) == code


def test_less_than_a_line_of_padding_is_put_up_with(tmp_path: Path) -> None:
    values = draw_chest()
    dataset = build_dx(values)
    dataset.PixelData += bytes(2 * (min(values.shape) - 1))

    path = write_part10(dataset, tmp_path / "dx.dcm")

    np.testing.assert_array_equal(read(path), values)


def test_a_picture_larger_than_the_limit_is_too_large(tmp_path: Path) -> None:
    dataset = build_dx()
    limits = DecodeLimits(pixels=dataset.Rows * dataset.Columns - 1)

    assert code_of(write_part10(dataset, tmp_path / "dx.dcm"), limits) == "too_large"


@pytest.mark.parametrize(
    ("transfer_syntax", "codestream", "bits"),
    [
        (ExplicitVRLittleEndian, None, 16),
        (RLELossless, rle_of_zeros(200), 16),
        (JPEG2000Lossless, jpeg_2000_claiming(LARGEST, LARGEST), 16),
        (JPEGBaseline8Bit, jpeg_claiming(LARGEST, LARGEST), 8),
        (JPEGLSLossless, jpeg_claiming(LARGEST, LARGEST, start_of_frame=0xF7), 8),
    ],
    ids=["plain", "RLE", "JPEG 2000", "JPEG", "JPEG-LS"],
)
@pytest.mark.parametrize("sides", [(LARGEST, LARGEST), (9_000, 9_000)], ids=str)
def test_a_kilobyte_that_claims_a_huge_picture_is_refused_and_allocates_nothing(
    tmp_path: Path,
    transfer_syntax: str,
    codestream: bytes | None,
    bits: int,
    sides: tuple[int, int],
) -> None:
    claim = {"Rows": sides[0], "Columns": sides[1], "BitsAllocated": bits, "BitsStored": bits}
    dataset = build_dx(HighBit=bits - 1, PixelData=bytes(500), **claim)
    if codestream is None:
        path = write_part10(dataset, tmp_path / "bomb.dcm")
    else:
        path = write_encapsulated(dataset, tmp_path / "bomb.dcm", transfer_syntax, codestream)
    assert path.stat().st_size < 3_000

    tracemalloc.start()
    code = code_of(path)
    _now, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert code in ("pixel_size_mismatch", "too_large")
    assert peak_bytes < 2 * 1024**2


def test_a_refused_size_starts_no_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_child(*_arguments: object, **_options: object) -> None:
        pytest.fail("a codec was about to run")

    # The child is the one thing that must not happen here, so it is replaced by a failure.
    monkeypatch.setattr(subprocess, "run", no_child)
    dataset = build_dx(Rows=LARGEST, Columns=LARGEST)
    lies = jpeg_2000_claiming(LARGEST, LARGEST)

    path = write_encapsulated(dataset, tmp_path / "bomb.dcm", JPEG2000Lossless, lies)

    assert code_of(path) == "too_large"


def compressed(path: Path, values: NDArray[Any] | None = None) -> Path:
    return write_part10(build_dx(values), path, JPEG2000Lossless)


def test_a_codec_that_is_not_let_run_in_time_is_killed_and_no_fault_of_the_sender(
    tmp_path: Path,
) -> None:
    path = compressed(tmp_path / "dx.dcm")

    with pytest.raises(OutOfResources):
        read(path, DecodeLimits(wall_seconds=1e-6))


@pytest.mark.parametrize(
    ("status", "code"), [(-signal.SIGXCPU, "decode_timeout"), (-signal.SIGSEGV, "decode_failed")]
)
def test_how_the_system_ended_a_child_gives_the_reason(status: int, code: str) -> None:
    with pytest.raises(RejectedInstance) as caught:
        decode.check_exit(status)
    assert caught.value.code == code


def test_a_child_killed_from_outside_is_no_fault_of_the_sender() -> None:
    with pytest.raises(OutOfResources):
        decode.check_exit(-signal.SIGKILL)


def test_a_codec_that_wants_more_memory_than_it_may_fails(tmp_path: Path) -> None:
    path = compressed(tmp_path / "dx.dcm")

    assert code_of(path, DecodeLimits(address_space_bytes=16 * 1024**2)) == "decode_failed"


@pytest.mark.parametrize(
    "transfer_syntax", [JPEG2000Lossless, JPEGLSLossless], ids=lambda uid: uid.name
)
def test_a_codestream_without_its_middle_fails_to_decode(
    tmp_path: Path, transfer_syntax: str
) -> None:
    dataset = described(noise(12, signed=False, shape=(200, 200)), 12)
    codestream = codestream_of(dataset, transfer_syntax)
    broken = codestream[: len(codestream) // 3] + b"\xff\xd9"

    path = write_encapsulated(dataset, tmp_path / "dx.dcm", transfer_syntax, broken)

    assert code_of(path) == "decode_failed"


def test_no_room_for_a_child_is_no_fault_of_the_sender(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = compressed(tmp_path / "dx.dcm")
    # What the system does when it has no process left cannot be had on demand otherwise.
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no interpreter"))

    with pytest.raises(OutOfResources):
        read(path)


def _decode_into(queue: "Queue[list[int]]", path: Path) -> None:
    queue.put(list(read(path).shape))


def test_a_daemonic_process_may_decode(tmp_path: Path) -> None:
    """The worker's pool processes are daemonic: `multiprocessing` forbids them children."""
    path = compressed(tmp_path / "dx.dcm")
    queue: Queue[list[int]] = Queue()
    worker = Process(target=_decode_into, args=(queue, path), daemon=True)

    worker.start()

    assert queue.get(timeout=60) == list(draw_chest().shape)
    worker.join()


def test_the_child_imports_neither_the_service_nor_pydicom() -> None:
    script = Path(decode.decode_child.__file__).read_text()

    assert "import service" not in script
    assert "from service" not in script
    assert "pydicom" not in script


def test_high_throughput_jpeg_2000_is_readable() -> None:
    from service.imaging.transfer_syntaxes import CODECS, Codec

    assert CODECS[HTJ2KLossless] is Codec.JPEG_2000
