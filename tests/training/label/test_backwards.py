from pathlib import Path

import pytest

from training.label.backwards import as_table, write_table
from training.label.total_ids import HEART, LEFT_LUNG, LEFT_RIBS

ITEMS = {
    "rules": {"dice": {str(LEFT_LUNG): 0.981}},
    "a": {"dice": {str(HEART): 0.9, str(LEFT_RIBS[0]): 0.6, str(LEFT_RIBS[1]): 0.8}},
    "b": {"dice": {str(HEART): 0.7}},
}


def test_the_table_has_a_mean_for_each_volume_and_the_worst_class() -> None:
    rows = {line.split(" | ")[0]: line for line in as_table(ITEMS).splitlines()}
    assert rows["| heart"] == "| heart | 0.80 | 0.70 | 0.90 | 0.70 |"
    assert rows["| left ribs 1-12"] == "| left ribs 1-12 | 0.70 | 0.60 | 0.70 | - |"
    assert "left lung 0.981" in as_table(ITEMS)


def test_the_table_replaces_what_stood_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "labels.md"
    page.write_text("before\n<!-- label-report -->\nold\n<!-- /label-report -->\nafter\n")
    write_table(page, "new")
    write_table(page, "newer")
    assert page.read_text().split("\n") == [
        *("before", "<!-- label-report -->", "newer", "<!-- /label-report -->", "after", "")
    ]


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "labels.md"
    page.write_text("nothing\n")
    with pytest.raises(ValueError, match="label-report"):
        write_table(page, "new")
