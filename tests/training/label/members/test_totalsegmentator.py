import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import nibabel
import numpy as np
import pytest

from training.ingest.volume import Volume
from training.label.members.totalsegmentator import TotalSegmentator
from training.label.port import MemberUnavailable, Setting, Subject
from training.label.rules import apply_rules
from training.label.total_ids import EVERY_ID, HEART


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A stand-in that is importable and calls what is denser than water a heart."""

    def run(image: nibabel.Nifti1Image, output: None, **settings: object) -> nibabel.Nifti1Image:
        assert output is None
        assert settings["task"] == "total"
        assert nibabel.aff2axcodes(image.affine) == ("L", "P", "S")
        found = np.where(np.asarray(image.dataobj) > 0, HEART, 0).astype(np.uint8)
        return nibabel.Nifti1Image(found, image.affine)

    module = ModuleType("totalsegmentator")
    module.__spec__ = SimpleNamespace(name="totalsegmentator")  # type: ignore[assignment]
    api = ModuleType("totalsegmentator.python_api")
    api.totalsegmentator = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "totalsegmentator", module)
    monkeypatch.setitem(sys.modules, "totalsegmentator.python_api", api)
    monkeypatch.setenv("TOTALSEG_WEIGHTS_PATH", str(tmp_path))
    return tmp_path


def test_the_answer_lies_on_the_volumes_own_grid(package: Path, phantom: Volume) -> None:
    (package / "Dataset291_TotalSegmentator_part1_organs_1559subj").mkdir()
    found = TotalSegmentator(Setting()).propose(Subject("a", phantom, apply_rules(phantom)))
    assert ((found.labels == HEART) == (phantom.hu > 0)).all()
    assert found.known == EVERY_ID


def test_without_weights_nothing_is_downloaded(package: Path) -> None:
    with pytest.raises(MemberUnavailable, match=f"weights are not in {package}"):
        TotalSegmentator(Setting())
