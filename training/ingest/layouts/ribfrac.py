"""RibFrac: `ribfrac-train-images/RibFrac1-image.nii.gz` (also val, test; also `Part1`, `Part2`).

The archives `ribfrac-train-images-1.zip` and `-2.zip` unpack to `Part1` and `Part2`; images are
found at any depth. The label maps hold numbered fractures, which are findings and no structures:
they are not read.
"""

import re
from collections.abc import Iterator

from training.ingest.layout import LAYOUTS, Request
from training.ingest.scan import Candidate
from training.ingest.single import single_candidate

IMAGE = re.compile(r"(RibFrac\d+)-image\.nii(\.gz)?")
SOURCE = "RibFrac, doi:10.5281/zenodo.3893508"


@LAYOUTS.register("ribfrac")
def ribfrac(request: Request) -> Iterator[Candidate]:
    """Names are the collection's own."""
    for path in sorted(request.folder.rglob("RibFrac*-image.nii*")):
        if match := IMAGE.fullmatch(path.name):
            yield single_candidate(match[1].lower(), path, None, SOURCE, "CC BY-NC 4.0")
