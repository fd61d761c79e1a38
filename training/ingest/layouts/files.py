"""Volumes as single files: NIfTI, NRRD, MHA or MHD in any nesting, labels beside them.

`NAME.nrrd` is labelled by `NAME-labels.nrrd` (or `_labels`, `.labels`; any of the formats), which
holds TotalSegmentator v2 ids.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from training.ingest.image import SUFFIXES
from training.ingest.layout import LAYOUTS, NOT_STATED, Request
from training.ingest.scan import Candidate
from training.ingest.single import single_candidate

LABELS = re.compile(r"(.+)[-_.]labels")


@LAYOUTS.register("files")
def files(request: Request) -> Iterator[Candidate]:
    """One volume for every file that is no label map; its path below the folder is its name."""
    found = {_stem(path, request.folder): path for path in sorted(request.folder.rglob("*"))
             if path.is_file() and path.name.lower().endswith(SUFFIXES)}  # fmt: skip
    labels = {m[1]: path for stem, path in found.items() if (m := LABELS.fullmatch(stem))}
    for stem, path in found.items():
        if not LABELS.fullmatch(stem):
            yield single_candidate(stem, path, labels.get(stem), f"file {stem}", NOT_STATED)


def _stem(path: Path, folder: Path) -> str:
    relative = "-".join(path.relative_to(folder).parts)
    suffix = next(
        s for s in sorted(SUFFIXES, key=len, reverse=True) if relative.lower().endswith(s)
    )
    return relative[: -len(suffix)]
