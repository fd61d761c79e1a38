"""One shard: a tar in the WebDataset layout, written whole, read at any place.

A sample is four members with one key: `water.npy` and `bone.npy` (float16, (rows, columns); films
have their grey values as `water.npy` and no bone), `masks.npz` (`masks`, packed bits) and `json`
(subject, view, the keys of the channels that are known). They lie together, so that a sample is one
piece of the file: found by its place, read at once, judged by its checksum.
"""

import io
import json
import tarfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training.durable import whole_file
from training.stage import StageFailed

Picture = npt.NDArray[np.floating[Any]]
WATER, BONE, MASKS, FACTS = "water.npy", "bone.npy", "masks.npz", "json"
END = bytes(2 * tarfile.BLOCKSIZE)


class CorruptShard(StageFailed):
    """The file is not what the index says."""


@dataclass(frozen=True, slots=True)
class PackedSample:
    """One picture as it is stored.

    `water`, `bone` (rows, columns) float16, bright = dense; `bone` is None for films;
    `masks` uint8 (rows, columns, bytes), a bit per taught channel; `known` keys of channels.
    """

    subject: str
    view: str
    water: Picture
    bone: Picture | None
    masks: npt.NDArray[np.uint8]
    known: tuple[str, ...]

    @property
    def is_film(self) -> bool:
        """Whether it is a real radiograph and not a projection."""
        return self.bone is None


@dataclass(frozen=True, slots=True)
class Block:
    """Where a sample lies in its shard: `size` bytes from `start` on, with this CRC-32."""

    start: int
    size: int
    crc32: int


def write_shard(path: Path, samples: Iterable[PackedSample]) -> list[Block]:
    """Write all samples, whole or not at all; same samples, same bytes. Returns their places."""
    blocks = []
    with whole_file(path) as temporary, temporary.open("wb") as file:
        for number, sample in enumerate(samples):
            content = _members(f"{number:06d}", sample)
            blocks.append(Block(file.tell(), len(content), zlib.crc32(content)))
            file.write(content)
        file.write(END)
    return blocks


def read_sample(path: Path, block: Block) -> PackedSample:
    """The sample at this place of a shard; raises CorruptShard where it is not what was written.

    The file is open while this reads, no longer: any number of shards and of threads will do.
    """
    try:
        with path.open("rb") as file:
            file.seek(block.start)
            content = file.read(block.size)
    except OSError as error:
        raise CorruptShard(f"{path.name}: cannot be read") from error
    if len(content) != block.size or zlib.crc32(content) != block.crc32:
        raise CorruptShard(
            f"{path.name}: the sample at byte {block.start} is not what was written; "
            "remove the file and pack again"
        )
    return _sample(content)


def _members(key: str, sample: PackedSample) -> bytes:
    """A sample as a tar without its end."""
    facts = {"subject": sample.subject, "view": sample.view, "known": sample.known}
    members = {WATER: _npy(sample.water), MASKS: _npz(sample.masks)}
    if sample.bone is not None:
        members[BONE] = _npy(sample.bone)
    members[FACTS] = json.dumps(facts).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for kind, content in sorted(members.items()):
            entry = tarfile.TarInfo(f"{key}.{kind}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        length = buffer.tell()
    return buffer.getvalue()[:length]


def _sample(content: bytes) -> PackedSample:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
        members = {
            entry.name.partition(".")[2]: content[entry.offset_data :][: entry.size]
            for entry in tar
        }
    facts = json.loads(members[FACTS])
    with np.load(io.BytesIO(members[MASKS])) as file:
        masks = file["masks"]
    return PackedSample(
        subject=facts["subject"],
        view=facts["view"],
        water=np.load(io.BytesIO(members[WATER])),
        bone=np.load(io.BytesIO(members[BONE])) if BONE in members else None,
        masks=masks,
        known=tuple(facts["known"]),
    )


def _npy(picture: Picture) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(picture, dtype=np.float16))
    return buffer.getvalue()


def _npz(masks: npt.NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, masks=masks)
    return buffer.getvalue()
