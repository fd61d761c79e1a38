"""Child processes: started, restarted with a growing delay, never left behind."""

import os
import signal
import sys
from pathlib import Path

import pytest

from service.errors import StateError
from service.settings import Settings
from service.supervisor import Child, Supervisor
from tests.processes import eventually

FOREVER = [sys.executable, "-c", "import time; time.sleep(600)"]
WITH_A_CHILD = [
    sys.executable,
    "-c",
    (
        "import subprocess, sys, time;"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        "print(p.pid, flush=True); time.sleep(600)"
    ),
]


def child(command: list[str], folder: Path) -> Child:
    return Child("child", command, dict(os.environ), folder / "child.log")


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0]


def test_a_stopped_child_is_gone(tmp_path: Path) -> None:
    one = child(FOREVER, tmp_path)
    one.start()
    assert one.is_running

    one.stop()

    assert not one.is_running


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_a_killed_child_leaves_behind_ends_with_its_restart(tmp_path: Path) -> None:
    one = child(WITH_A_CHILD, tmp_path)
    one.start()
    line = eventually(lambda: one.log_path.read_text().strip(), 20, "the grandchild's pid")
    grandchild = int(line.splitlines()[0])
    assert one.process is not None

    one.process.send_signal(signal.SIGKILL)
    one.process.wait()
    one.start()

    eventually(lambda: not lives(grandchild), 20, "the grandchild's end")
    one.stop()


def test_a_child_that_keeps_falling_over_is_restarted_ever_later(tmp_path: Path) -> None:
    one = child([sys.executable, "-c", ""], tmp_path)
    one.start()

    delays = [one.restart_delay() for _ in range(8)]

    assert delays[:3] == [1.0, 2.0, 4.0]
    assert delays == sorted(delays)
    assert delays[-1] == 30.0
    one.stop()


def test_a_port_in_use_is_named_with_its_setting(tmp_path: Path, free_port: int) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port))
        taken.listen()
        settings = Settings(home=tmp_path, dicom_port=free_port, http_port=0)

        with pytest.raises(StateError, match="THORAX_DICOM_PORT"):
            Supervisor(settings).start()
