"""`gates` shows refused pictures too."""

from pathlib import Path

import numpy as np
from PIL import Image

from service.domain.measurement import QualityCheck
from tests.peers import REPOSITORY
from training.evaluate.gates import as_line, gate_checks

PACKAGE = REPOSITORY / "models" / "cxr-anatomy-frontal" / "0.1.0"


def test_files_and_folders_are_taken_and_masks_left_out(tmp_path: Path) -> None:
    flat = Image.fromarray(np.full((80, 80), 9, np.uint8))
    for name in ("a.png", "a.mask.png", "b.txt"):
        flat.save(tmp_path / name, "PNG")
    sample = REPOSITORY / "samples" / "simulated-1.dcm"

    found = dict(gate_checks(PACKAGE, [tmp_path, sample]))

    assert set(found) == {tmp_path / "a.png", sample}
    statuses = {path: {c.check: c.status for c in checks} for path, checks in found.items()}
    assert statuses[tmp_path / "a.png"]["exposure"] == "failed"
    assert statuses[sample]["exposure"] == "passed"


def test_a_line_says_score_limit_and_reason() -> None:
    line = as_line(QualityCheck("chest", "failed", 0.70001, 0.86, "no chest"))

    assert line.split() == ["chest", "failed", "0.7000", "(limit", "0.86):", "no", "chest"]
