from pathlib import Path

from training.fit.checkpoint import LAST
from training.fit.stage import forget_other_run


def test_a_checkpoint_of_other_settings_is_not_resumed(tmp_path: Path) -> None:
    checkpoint = tmp_path / LAST
    checkpoint.write_bytes(b"weights")
    forget_other_run(tmp_path, "first")
    assert not checkpoint.exists()
    checkpoint.write_bytes(b"weights")
    forget_other_run(tmp_path, "first")
    assert checkpoint.exists()
    forget_other_run(tmp_path, "second")
    assert not checkpoint.exists()
