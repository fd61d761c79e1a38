"""`thorax up` as a real process with its own state folder and ports, watched through its API."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from tests.processes import Running, eventually, running
from tests.servers import Orthanc

COMMAND = Path(sys.executable).with_name("thorax")
FINAL = {"done", "skipped", "rejected", "dead"}
START_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Thorax:
    """A running Thorax. `state` is what it writes down about its ports and processes."""

    home: Path
    process: Running

    @property
    def state(self) -> dict[str, Any]:
        """Return ports and process ids; they change when a child is started again."""
        text = (self.home / "run" / "up.json").read_text()
        state: dict[str, Any] = json.loads(text)
        return state

    @property
    def dicom_port(self) -> int:
        """Return the DICOM listener's port."""
        return int(self.state["dicom_port"])

    def pid_of(self, name: str) -> int:
        """Return the process id of `listener`, `worker`, `api` or `redis`."""
        return int(self.state["processes"][name])

    def get(self, path: str) -> httpx.Response:
        """Return the API's answer; raises OSError while nobody answers."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.state['http_port']}{path}", timeout=30.0)
        except httpx.TransportError as error:
            raise OSError(str(error)) from error

    def jobs(self) -> list[dict[str, Any]]:
        """Return all jobs (fewer than a page of them), newest first."""
        jobs: list[dict[str, Any]] = self.get("/api/v1/jobs?limit=200").json()["jobs"]
        return jobs

    def jobs_of(self, sop_instance_uid: str) -> list[dict[str, Any]]:
        """Return the full descriptions of an instance's jobs, oldest first."""
        links = [j["link"] for j in self.jobs() if uid_of(j) == sop_instance_uid]
        return [self.get(link).json() for link in reversed(links)]

    def wait_until_final(self, count: int, seconds: float) -> list[dict[str, Any]]:
        """Return the jobs once there are `count` and each is in a final state."""

        def look() -> list[dict[str, Any]] | None:
            jobs = self.jobs()
            return jobs if len(jobs) >= count and {j["state"] for j in jobs} <= FINAL else None

        return eventually(look, seconds, f"{count} finished jobs")

    def logs(self) -> str:
        """Return what all its processes have logged, for the message of a failing test."""
        paths = sorted((self.home / "logs").glob("*.log"))
        return "\n".join(f"== {path.name}\n{path.read_text()[-4000:]}" for path in paths)


def uid_of(job: dict[str, Any]) -> str:
    """Return the SOP Instance UID that a job is about."""
    return str(job["instance"]["sop_instance_uid"])


def time_of(job: dict[str, Any]) -> datetime:
    """Return when the job last changed."""
    return datetime.fromisoformat(job["updated_at"])


@contextmanager
def thorax_up(folder: Path, destination: Orthanc) -> Iterator[Thorax]:
    """Run `thorax up`, which delivers to `destination`, and stop it as Ctrl-C would."""
    home = folder / "home"
    configuration = folder / "thorax.toml"
    configuration.write_text(_configuration(destination))
    environment = {
        "THORAX_CONFIG": str(configuration),
        "THORAX_HOME": str(home),
        "THORAX_DICOM_PORT": "0",
        "THORAX_HTTP_PORT": "0",
        "THORAX_RESERVE_MB": "1",
    }
    with running(
        [COMMAND, "up"],
        folder / "up.log",
        environment=environment,
        ready=lambda: "Ctrl-C stops it" in (folder / "up.log").read_text(),
        seconds=START_SECONDS,
    ) as process:
        yield Thorax(home, process)


def _configuration(destination: Orthanc) -> str:
    return f"""
[[destinations]]
name = "pacs"
kind = "dicom"
options = {{ host = "127.0.0.1", port = {destination.dicom_port}, ae_title = "TESTPACS" }}
"""
