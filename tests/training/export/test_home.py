"""A package is not written over another run's."""

from pathlib import Path

import pytest

from tests.peers import REPOSITORY
from training.cli import main
from training.export.home import HomeTaken, claim


def package(home: Path) -> Path:
    home.mkdir(parents=True)
    (home / "manifest.yaml").write_text("name: any\n")
    return home


def test_a_package_from_elsewhere_is_not_written_over(tmp_path: Path) -> None:
    home = package(tmp_path / "models" / "own" / "0.1.0")

    with pytest.raises(HomeTaken, match=r"export\.version"):
        claim(home, tmp_path / "work" / "export")


def test_what_the_same_work_folder_claimed_it_may_write_again(tmp_path: Path) -> None:
    exports = tmp_path / "work" / "export"
    homes = [tmp_path / "models" / "own" / version for version in ("0.1.0", "0.2.0")]

    for home in homes:
        claim(home, exports)
    for home in homes:
        claim(package(home), exports)


def test_a_run_refuses_before_its_first_stage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = REPOSITORY / "training" / "experiments" / "smoke.yaml"
    package(tmp_path / "models" / "cxr-anatomy-smoke" / "0.0.1")
    work = tmp_path / "work"

    folders = ["--work", str(work), "--models", str(tmp_path / "models")]
    assert main(["run", str(recipe), *folders]) == 1

    assert "cxr-anatomy-smoke/0.0.1" in capsys.readouterr().err
    assert not work.exists()
