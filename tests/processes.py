"""Real processes started for a test, and always stopped by it."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")
_POLL_SECONDS = 0.1
_STOP_SECONDS = 15.0


def free_port() -> int:
    """Return a TCP port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int) -> bool:
    """Return whether something accepts connections on the loopback port."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(look: Callable[[], Found | None], seconds: float, what: str) -> Found:
    """Return the first truthy result of `look`; AssertionError naming `what` at the deadline.

    For other processes' states, which tell nobody when they change. Exceptions of `look` count as
    "not yet" only when they are OSErrors (a server that does not listen yet).
    """
    deadline = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < deadline:
        try:
            last = found = look()
            if found:
                return found
        except OSError as error:
            last = error
        time.sleep(_POLL_SECONDS)
    raise AssertionError(f"{what} did not happen within {seconds:.0f} s; last seen: {last!r}")


@dataclass(frozen=True, slots=True)
class Running:
    """A started process, its log, and the way to end it."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self.process.pid

    def output(self) -> str:
        """Return what it has written so far."""
        return self.log.read_text(errors="replace")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal, wait, and return the exit status; a process that stays is killed."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


@contextmanager
def running(
    command: Sequence[str | Path],
    log: Path,
    *,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    ready: Callable[[], object] = lambda: True,
    seconds: float = 60.0,
) -> Iterator[Running]:
    """Start a command in a process group of its own, wait until it is ready, stop it at the end.

    Whatever it leaves behind in its group is killed, so that a failing test leaves no process.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(each) for each in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            cwd=log.parent,
            start_new_session=True,
            user=user,
        )
    started = Running(process, log)
    try:
        eventually(lambda: _is_ready(started, ready), seconds, f"{command[0]} ready")
        yield started
    finally:
        started.stop()
        _kill_group(process.pid)


def _is_ready(started: Running, ready: Callable[[], object]) -> bool:
    if started.process.poll() is not None:
        raise AssertionError(f"ended with {started.process.returncode}:\n{started.output()}")
    return bool(ready())


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
