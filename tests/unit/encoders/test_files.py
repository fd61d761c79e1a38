import json
import os
from pathlib import Path

import numpy as np
import pydicom
import pytest

from service.domain.analysis import ObjectKind
from service.encoders.derived_uids import IMPLEMENTATION_CLASS_UID
from service.encoders.files import read_masks, write_bytes, write_dicom, write_json, write_masks
from service.encoders.registry import encode
from tests.builders import build_dx
from tests.headers import VIEWER, analysis_of
from tests.phantoms import SEGMENTS, phantom_segmentation


def test_an_object_becomes_a_part_10_file_of_this_implementation(tmp_path: Path) -> None:
    header = build_dx()
    made = encode(ObjectKind.SR, analysis_of(header), header, VIEWER)

    write_dicom(made, tmp_path / "sr.dcm")

    read = pydicom.dcmread(tmp_path / "sr.dcm")
    assert read.SOPInstanceUID == made.SOPInstanceUID
    assert read.file_meta.ImplementationClassUID == IMPLEMENTATION_CLASS_UID
    assert str(read.file_meta.ImplementationVersionName).startswith("THORAX")
    assert read.preamble == b"\0" * 128


def test_masks_are_kept_with_the_keys_of_their_segments(tmp_path: Path) -> None:
    segmentation = phantom_segmentation(50, 30)

    write_masks(segmentation, tmp_path / "masks.npz")

    keys, masks = read_masks(tmp_path / "masks.npz")
    assert masks.dtype == np.bool_
    assert np.array_equal(masks, segmentation.masks)
    assert keys == tuple(segment.key for segment in SEGMENTS)


def test_masks_can_be_read_as_the_documentation_says(tmp_path: Path) -> None:
    segmentation = phantom_segmentation(50, 30)
    write_masks(segmentation, tmp_path / "masks.npz")

    stored = np.load(tmp_path / "masks.npz")
    packed = stored["masks"][list(stored["keys"]).index("heart")]
    heart = np.unpackbits(packed, axis=-1, count=int(stored["columns"])).astype(bool)

    assert np.array_equal(heart, segmentation.mask("heart"))


def test_only_the_masks_that_are_wanted_are_read(tmp_path: Path) -> None:
    segmentation = phantom_segmentation(50, 30)
    write_masks(segmentation, tmp_path / "masks.npz")

    keys, masks = read_masks(tmp_path / "masks.npz", {"heart", "never heard of"})

    assert keys == ("heart",)
    assert np.array_equal(masks[0], segmentation.mask("heart"))


def test_masks_of_earlier_versions_are_still_read(tmp_path: Path) -> None:
    segmentation = phantom_segmentation(50, 30)
    keys = [segment.key for segment in SEGMENTS]
    np.savez_compressed(tmp_path / "masks.npz", masks=segmentation.masks, keys=keys)

    read, masks = read_masks(tmp_path / "masks.npz", {"heart"})

    assert read == ("heart",)
    assert np.array_equal(masks[0], segmentation.mask("heart"))


def test_the_same_masks_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        write_masks(phantom_segmentation(50, 30), tmp_path / name)

    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_json_is_utf_8_and_ends_with_a_line(tmp_path: Path) -> None:
    write_json({"text": "größer"}, tmp_path / "result.json")

    text = (tmp_path / "result.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"text": "größer"}
    assert "größer" in text
    assert text.endswith("\n")


def test_a_value_that_json_cannot_hold_is_an_error_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json({"value": float("nan")}, tmp_path / "result.json")

    assert not list(tmp_path.iterdir())


def test_bytes_are_on_disk_when_writing_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """fsync cannot be seen from outside short of a power cut, so the call itself is observed."""
    synced: list[bytes] = []
    path = tmp_path / "file"
    monkeypatch.setattr(os, "fsync", lambda _descriptor: synced.append(path.read_bytes()))

    write_bytes(b"result", path)

    assert synced == [b"result"]
