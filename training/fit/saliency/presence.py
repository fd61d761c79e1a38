"""Films and what is known to be on them: `presence.csv` beside the pictures."""

import csv
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from training.channels import TRAINED_KEYS

PRESENCE_FILE = "presence.csv"
ANSWERS = {"1": 1.0, "0": 0.0, "": float("nan")}


@dataclass(frozen=True, slots=True)
class Presence:
    """`answers` float32 (films, keys): 1 present, 0 absent, NaN not known."""

    paths: tuple[Path, ...]
    keys: tuple[str, ...]
    answers: npt.NDArray[np.float32]


def read_presence(folder: Path) -> Presence:
    """Read `presence.csv`: a column `file`, and one column of 1, 0 or nothing for each channel.

    Raises ValueError for a column that is no channel and for another answer.
    """
    with (folder / PRESENCE_FILE).open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        keys = tuple(name for name in reader.fieldnames or () if name != "file")
        _check(keys)
        rows = list(reader)
    answers = [[_answer(row, key) for key in keys] for row in rows]
    paths = tuple(folder / row["file"] for row in rows)
    return Presence(paths, keys, np.array(answers, np.float32).reshape(len(rows), len(keys)))


def _check(keys: Sequence[str]) -> None:
    for key in keys:
        if key not in TRAINED_KEYS:
            near = difflib.get_close_matches(key, TRAINED_KEYS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"{PRESENCE_FILE}: no channel is called {key!r}{hint}")


def _answer(row: dict[str, str], key: str) -> float:
    try:
        return ANSWERS[(row[key] or "").strip()]
    except KeyError:
        raise ValueError(
            f"{PRESENCE_FILE}: {row['file']}, {key}: 1, 0 or nothing, not {row[key]!r}"
        ) from None
