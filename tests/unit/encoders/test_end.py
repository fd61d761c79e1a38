import json
import subprocess
import sys
from pathlib import Path

import pytest

from service.domain.analysis import Reason
from service.domain.identifiers import new_job_id
from service.domain.job import Job, JobState
from service.encoders.end import write_end
from tests.fakes import START
from tests.phantoms import REFERENCE


def job(reason: Reason | None) -> Job:
    return Job(
        id=new_job_id(),
        reference=REFERENCE,
        transfer_syntax_uid="1.2.840.10008.1.2.1",
        content_sha256="ab" * 32,
        source="test",
        state=JobState.DEAD,
        reason=reason,
        attempts=3,
        received_at=START,
        updated_at=START,
        model=None,
    )


def test_the_document_says_how_the_job_ended_and_why(tmp_path: Path) -> None:
    write_end(tmp_path, job(Reason("out_of_resources", "the memory did not suffice")))

    told = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert (told["status"], told["reason"]["code"]) == ("dead", "out_of_resources")


def test_nothing_is_told_of_a_job_that_has_not_ended(tmp_path: Path) -> None:
    write_end(tmp_path, job(None))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("heavy", ["highdicom", "onnxruntime", "scipy"])
def test_telling_of_an_end_loads_nothing_that_analyses(heavy: str) -> None:
    """The listener tells of conflicts, and it must stay small."""
    program = f"import sys, service.encoders.end; sys.exit({heavy!r} in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
