"""Imports go one way, and the service needs nothing that only training has."""

import subprocess
import sys
from pathlib import Path

from tests.peers import REPOSITORY

IMPORT_EVERYTHING = """
import importlib, pkgutil, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "monai", "training", "nibabel", "SimpleITK"}:
            raise ImportError(f"{name} is not there")

sys.meta_path.insert(0, Blocker())
import service
names = [module.name for module in pkgutil.walk_packages(service.__path__, "service.")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""


def test_the_import_contracts_are_kept() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")

    ran = subprocess.run(
        [lint_imports], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout


def test_every_module_of_the_service_imports_without_torch_and_training() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IMPORT_EVERYTHING],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) > 100, "the walk found the modules"


def test_a_module_that_needs_torch_would_be_noticed() -> None:
    needs_torch = IMPORT_EVERYTHING.replace("import service\n", "import service, torch\n")

    ran = subprocess.run(
        [sys.executable, "-c", needs_torch],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "torch is not there" in ran.stderr


def test_data_folders_are_no_packages() -> None:
    # With an __init__.py the folder alembic/ would hide the library of the same name.
    folders = (REPOSITORY / "models", REPOSITORY / "alembic")
    found = [path for folder in folders for path in folder.rglob("__init__.py")]

    assert found == []


def test_alembic_is_the_library_even_from_the_repository_root() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "import alembic; print(alembic.__version__)"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
