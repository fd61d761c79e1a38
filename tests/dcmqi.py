"""dcmqi (https://github.com/QIICR/dcmqi) as a reader of segmentations other than highdicom."""

import gzip
import json
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.peers import require

_TYPES = {"short": np.int16, "unsigned char": np.uint8, "unsigned short": np.uint16}


def segments_read(path: Path, folder: Path) -> dict[str, NDArray[np.bool_]] | None:
    """Return the mask, bool (rows, columns), under each label; None when dcmqi refuses the file."""
    folder.mkdir()
    program = require("segimage2itkimage")
    command = [program, "--inputDICOM", path, "--outputDirectory", folder, "-t", "nrrd"]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        return None
    groups = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["segmentAttributes"]
    return {
        segment["SegmentLabel"]: _nrrd(folder / f"{number}.nrrd") == segment["labelID"]
        if len(group) > 1
        else _nrrd(folder / f"{number}.nrrd") > 0
        for number, group in enumerate(groups, start=1)
        for segment in group
    }


def _nrrd(path: Path) -> NDArray[np.int16]:
    """Read the one slice of a NRRD file, rows and columns."""
    head, _, data = path.read_bytes().partition(b"\n\n")
    fields = dict(line.split(": ", 1) for line in head.decode().splitlines() if ": " in line)
    columns, rows, slices = (int(size) for size in fields["sizes"].split())
    assert slices == 1
    content = gzip.decompress(data) if fields["encoding"] == "gzip" else data
    return np.frombuffer(content, _TYPES[fields["type"]]).reshape(rows, columns)
