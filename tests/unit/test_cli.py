"""The command line as a newcomer meets it."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from service import __version__
from service.cli import app

runner = CliRunner()
VERBS = ("up", "demo", "listen", "api", "worker", "migrate", "analyse", "send", "models", "version")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(verb: str) -> None:
    shown = runner.invoke(app, [verb, "--help"])

    assert shown.exit_code == 0
    assert "Usage:" in shown.output


def test_help_lists_every_verb_and_says_what_this_is_not() -> None:
    shown = runner.invoke(app, ["--help"]).output

    assert all(verb in shown for verb in VERBS)
    assert "Not a medical device" in shown


def test_version_is_the_package_s() -> None:
    assert runner.invoke(app, ["version"]).output.strip() == __version__


def test_an_error_of_ours_is_one_line_and_status_2() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "service.cli", "models", "list"],
        env={"THORAX_DICOM_PORT": "many", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert ended.stderr.startswith("thorax: dicom_port: ")
    assert "Traceback" not in ended.stderr
