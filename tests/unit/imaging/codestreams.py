"""Codestreams for tests: headers that lie, and pictures that only other encoders write."""

import copy
import io
import struct
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import generate_frames
from pydicom.uid import ExplicitVRLittleEndian


def jpeg_2000_claiming(rows: int, columns: int) -> bytes:
    """A JPEG 2000 codestream of 120 bytes whose SIZ segment claims any size."""
    size = struct.pack(
        ">HHHIIIIIIIIHBBB",
        *(0xFF51, 41, 0, columns, rows, 0, 0, columns, rows, 0, 0, 1, 15, 1, 1),
    )
    coding = bytes.fromhex("ff52000c00000001000104040001")
    quantisation = bytes.fromhex("ff5c00044040")
    tile = struct.pack(">HHHIBB", 0xFF90, 10, 0, 0, 0, 1) + b"\xff\x93" + bytes(64)
    return b"\xff\x4f" + size + coding + quantisation + tile + b"\xff\xd9"


def jpeg_claiming(rows: int, columns: int, *, start_of_frame: int = 0xC0) -> bytes:
    """A JPEG (0xC0) or JPEG-LS (0xF7) of 40 bytes whose frame header claims any size."""
    frame = struct.pack(">BBHBHHB3s", 0xFF, start_of_frame, 11, 8, rows, columns, 1, b"\1\x11\0")
    scan = bytes.fromhex("ffda0008010100003f00") + bytes(8)
    return b"\xff\xd8" + frame + scan + b"\xff\xd9"


def rle_of_zeros(count: int) -> bytes:
    """An RLE frame of two segments that decodes to 2 * 64 * count bytes."""
    segment = bytes([129, 0]) * count
    return struct.pack("<16I", 2, 64, 64 + len(segment), *([0] * 13)) + segment * 2


def codestream_of(dataset: Dataset, transfer_syntax_uid: str, **options: object) -> bytes:
    """The picture of `dataset` as pydicom's encoders write it; `options` are the encoder's."""
    plain = copy.deepcopy(dataset)
    plain.file_meta = FileMetaDataset()
    plain.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    plain.compress(transfer_syntax_uid, generate_instance_uid=False, **options)
    return next(generate_frames(plain.PixelData, number_of_frames=1))


def jpeg_baseline(pixels: NDArray[np.uint8]) -> bytes:
    """A grey baseline JPEG of high quality."""
    encoded = io.BytesIO()
    Image.fromarray(pixels).save(encoded, "JPEG", quality=95)
    return encoded.getvalue()


def lossless_jpeg_copy(plain: Path, dcmcjpeg: Path) -> Path:
    """`plain` as DCMTK's JPEG lossless, process 14 selection value 1."""
    encoded = plain.with_suffix(".lossless.dcm")
    subprocess.run([dcmcjpeg, "+e1", plain, encoded], check=True)
    return encoded
