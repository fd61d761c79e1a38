"""The peers that other tests lean on really start, answer and stop."""

import subprocess
from pathlib import Path

import pytest
import redis
from sqlalchemy import create_engine, text

from tests.peers import PEERS, REPOSITORY, require
from tests.processes import answers, running
from tests.servers import Orthanc


def test_redis_answers_and_is_empty(redis_url: str) -> None:
    assert redis.Redis.from_url(redis_url).dbsize() == 0


def test_postgresql_takes_a_table(postgresql_url: str) -> None:
    engine = create_engine(postgresql_url)

    with engine.begin() as connection:
        connection.execute(text("create table film (id integer)"))
        connection.execute(text("insert into film values (1)"))
        assert connection.scalar(text("select count(*) from film")) == 1
    engine.dispose()


def test_orthanc_answers_a_verification(orthanc: Orthanc) -> None:
    command = [require("echoscu"), "127.0.0.1", str(orthanc.dicom_port)]

    assert subprocess.run(command, check=False).returncode == 0


def test_a_server_is_gone_after_its_context(tmp_path: Path, free_port: int) -> None:
    command = [require("redis"), "--port", str(free_port), "--save", ""]
    with running(command, tmp_path / "log", ready=lambda: answers(free_port)):
        assert answers(free_port)

    assert not answers(free_port)


def test_a_process_that_ends_early_fails_with_its_output(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo no such option >&2; exit 3"]

    with (
        pytest.raises(AssertionError, match="ended with 3:\nno such option"),
        running(command, tmp_path / "log", ready=lambda: False),
    ):
        pass


@pytest.mark.parametrize(("no_skips", "outcome"), [("0", "skipped"), ("1", "failed")])
def test_a_skip_is_a_failure_only_where_nothing_may_be_skipped(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, no_skips: str, outcome: str
) -> None:
    monkeypatch.setenv("THORAX_NO_SKIPS", no_skips)
    pytester.makeconftest((REPOSITORY / "tests" / "conftest.py").read_text())
    pytester.makepyfile("import pytest\ndef test_film(): pytest.skip('no film')")

    result = pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider")

    result.assert_outcomes(**{outcome: 1})


@pytest.mark.parametrize("name", sorted(PEERS))
def test_an_absent_peer_names_what_to_install(name: str) -> None:
    assert PEERS[name].comes_with.startswith(
        ("the Debian package", "the npm package", "the Python package", "the folder")
    )
