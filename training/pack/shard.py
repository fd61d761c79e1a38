"""One shard: a tar in the WebDataset layout, written whole, read at any place.

A sample is four members with one key: `water.npy` and `bone.npy` (float16, (rows, columns); films
have their grey values as `water.npy` and no bone), `masks.npz` (`masks`, packed bits) and `json`
(subject, view, the keys of the channels that are known). Pictures lie uncompressed at a known place
of the file, so that reading one is a view into mapped memory; masks are compressed.
"""

import io
import json
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from training.durable import whole_file

Picture = npt.NDArray[np.floating[Any]]
WATER, BONE, MASKS, FACTS = "water.npy", "bone.npy", "masks.npz", "json"


class CorruptShard(ValueError):
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


def write_shard(path: Path, samples: Iterable[PackedSample]) -> int:
    """Write all samples, whole or not at all; same samples, same bytes. Returns their number."""
    count = 0
    with whole_file(path) as temporary, tarfile.open(temporary, "w") as tar:
        for count, sample in enumerate(samples, start=1):
            _add(tar, f"{count - 1:06d}", sample)
    return count


def _add(tar: tarfile.TarFile, key: str, sample: PackedSample) -> None:
    facts = {"subject": sample.subject, "view": sample.view, "known": sample.known}
    members = {WATER: _npy(sample.water), MASKS: _npz(sample.masks)}
    if sample.bone is not None:
        members[BONE] = _npy(sample.bone)
    members[FACTS] = json.dumps(facts).encode()
    for kind, content in sorted(members.items()):
        entry = tarfile.TarInfo(f"{key}.{kind}")
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))


def _npy(picture: Picture) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(picture, dtype=np.float16))
    return buffer.getvalue()


def _npz(masks: npt.NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, masks=masks)
    return buffer.getvalue()


class Shard:
    """A shard that is read at any place; its bytes are mapped, not loaded, and shared by processes.

    Raises CorruptShard when it is opened and when a sample cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with tarfile.open(path) as tar:
                self._places = _places(tar)
            self._bytes = np.memmap(path, mode="r")
        except (tarfile.TarError, OSError, ValueError) as error:
            raise CorruptShard(f"{path.name}: no readable tar") from error

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> PackedSample:
        members = self._places[index]
        try:
            facts = json.loads(self._read(members[FACTS]))
            with np.load(io.BytesIO(self._read(members[MASKS]))) as file:
                masks = file["masks"]
            return PackedSample(
                subject=facts["subject"],
                view=facts["view"],
                water=self._picture(members[WATER]),
                bone=self._picture(members[BONE]) if BONE in members else None,
                masks=masks,
                known=tuple(facts["known"]),
            )
        except Exception as error:  # damaged bytes break the parsers in any way
            raise CorruptShard(f"{self.path.name}: sample {index} cannot be read") from error

    def __iter__(self) -> Iterator[PackedSample]:
        return (self[index] for index in range(len(self)))

    def __reduce__(self) -> tuple[type["Shard"], tuple[Path]]:
        return Shard, (self.path,)  # another process maps the file for itself

    def _read(self, place: slice) -> bytes:
        return self._bytes[place].tobytes()

    def _picture(self, place: slice) -> Picture:
        """A read-only view of the file: nothing is copied."""
        head = _Head(self._bytes[place])
        picture: Picture = np.ndarray(
            head.shape, np.float16, self._bytes, place.start + head.length, order="C"
        )
        return picture


class _Head:
    """What stands before the numbers of a `.npy`: their shape; raises ValueError."""

    def __init__(self, content: npt.NDArray[np.uint8]) -> None:
        file: IO[bytes] = io.BytesIO(content[:256].tobytes())
        np.lib.format.read_magic(file)
        self.shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
        self.length = file.tell()
        wanted = int(np.prod(self.shape)) * 2 + self.length
        if is_fortran or dtype != np.float16 or wanted != len(content):
            raise ValueError("not a picture")


def _places(tar: tarfile.TarFile) -> list[dict[str, slice]]:
    samples: dict[str, dict[str, slice]] = {}
    for member in tar:
        key, _, kind = member.name.partition(".")
        place = slice(member.offset_data, member.offset_data + member.size)
        samples.setdefault(key, {})[kind] = place
    return list(samples.values())
