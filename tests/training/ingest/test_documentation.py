"""docs/training-data.md names everything that a user may meet."""

from pathlib import Path

import pytest

from training.ingest.gate import GATES, load_gates
from training.ingest.layout import layout_names
from training.ingest.refusal import Reason

PAGE = (Path(__file__).parents[3] / "docs" / "training-data.md").read_text(encoding="utf-8")
load_gates()


@pytest.mark.parametrize("name", [*layout_names(), *GATES.names(), *Reason])
def test_it_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE
