"""Starts what a Thorax needs as child processes, keeps them alive, stops them cleanly."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis
import structlog

from service.embedded_redis import EmbeddedRedis, embedded_redis
from service.errors import OutOfResources, StateError
from service.persistence.migrations import migrate
from service.settings import Settings, environment_of

log = structlog.get_logger(__name__)

READY_WITHIN_SECONDS = 120.0
STOP_WITHIN_SECONDS = 25.0
RESTART_AFTER_SECONDS = 1.0
STABLE_AFTER_SECONDS = 30.0
MAXIMUM_RESTART_DELAY_SECONDS = 30.0
_PR_SET_PDEATHSIG = 1
_VERBS = {
    "worker": ("worker", "--queues", "gpu"),
    "delivery": ("worker", "--queues", "delivery"),
    "listener": ("listen",),
    "api": ("api",),
}
_STOP_ORDER = ("listener", "api", "worker", "delivery", "redis")
_READY_FILES = ("gpu.ready", "delivery.ready")


@dataclass
class Child:
    """One child process: how to start it, and its present incarnation."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log_path: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0

    def start(self) -> None:
        """Start it; its output is appended to its log file."""
        if self.process is not None:
            _kill_group(self.process.pid)  # a killed worker leaves its pool processes behind
        with self.log_path.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops in order
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - one prctl call, before any thread
            )
        self.started_at = time.monotonic()

    @property
    def is_running(self) -> bool:
        """Return whether the process lives."""
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int | None:
        """Return the process id of the present incarnation."""
        return self.process.pid if self.process else None

    def restart_delay(self) -> float:
        """Return how long to wait before the next start: doubling while it keeps falling over."""
        if time.monotonic() - self.started_at > STABLE_AFTER_SECONDS:
            self.failures = 0
        self.failures += 1
        delay = RESTART_AFTER_SECONDS * 2.0 ** (self.failures - 1)
        return min(delay, MAXIMUM_RESTART_DELAY_SECONDS)

    def stop(self, within: float = STOP_WITHIN_SECONDS) -> None:
        """Ask it to end, then kill what is left of its process group."""
        if self.process is None:
            return
        if self.is_running:
            self.process.terminate()
            try:
                self.process.wait(within)
            except subprocess.TimeoutExpired:
                log.warning("child_killed", process=self.name)
        _kill_group(self.process.pid)
        self.process.wait()


@dataclass
class Supervisor:
    """Redis (unless one is given), listener, API and worker, in the order in which they depend."""

    settings: Settings
    configuration: Path | None = None
    children: list[Child] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def folder(self) -> Path:
        """Return the folder that holds all state."""
        return self.settings.home.resolve()

    def start(self, progress: Callable[[str], None] = lambda _: None) -> None:
        """Start everything, return when it is ready; raises OutOfResources naming what is not."""
        for name in ("logs", "run"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for name in _READY_FILES:
            (self.folder / "run" / name).unlink(missing_ok=True)
        self._settle_ports()
        try:
            self._start_children(progress)
        except BaseException:
            self.stop()
            raise

    def watch(self) -> None:
        """Restart children that end, until `stop` is called from elsewhere."""
        due: dict[str, float] = {}
        while not self._stopping.wait(0.2):
            for child in self.children:
                if child.is_running:
                    continue
                if child.name not in due:
                    due[child.name] = time.monotonic() + child.restart_delay()
                    log.warning("child_ended", process=child.name)
                elif time.monotonic() >= due[child.name]:
                    del due[child.name]
                    child.start()
                    self._write_state()

    def stop(self) -> None:
        """Stop in reverse order: nothing new comes in while what is in flight ends."""
        self._stopping.set()
        for child in sorted(self.children, key=lambda child: _STOP_ORDER.index(child.name)):
            child.stop()
        (self.folder / "run" / "up.json").unlink(missing_ok=True)

    def _settle_ports(self) -> None:
        free = {"dicom_port": _free_port, "http_port": _free_port}
        chosen = {name: pick() for name, pick in free.items() if getattr(self.settings, name) == 0}
        self.settings = self.settings.model_copy(update=chosen)
        for name in ("dicom_port", "http_port"):
            _check_port(self.settings.bind, getattr(self.settings, name), name)

    def _start_children(self, progress: Callable[[str], None]) -> None:
        progress("database")
        migrate(self.settings.effective_database_url)
        if self.settings.broker_url is None:
            progress("Redis")
            self._start_redis()
        environment = environment_of(self.settings, self.configuration)
        for name, verb in _VERBS.items():
            command = [sys.executable, "-m", "service.cli", *verb]
            self._start_child(name, command, environment)
        self._write_state()
        for what, is_ready in self._readiness():
            progress(what)
            self._wait(what, is_ready)

    def _start_redis(self) -> None:
        own = embedded_redis(self.folder / "redis", _free_port())
        self.settings = self.settings.model_copy(update={"broker_url": own.url})
        self._start_child("redis", own.command(), dict(os.environ))
        self._wait("Redis", lambda: _answers(own))

    def _start_child(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        child = Child(name, command, environment, self.folder / "logs" / f"{name}.log")
        child.start()
        self.children.append(child)

    def _readiness(self) -> tuple[tuple[str, Callable[[], bool]], ...]:
        bind, run = self.settings.bind, self.folder / "run"
        return (
            ("DICOM listener", lambda: _accepts(bind, self.settings.dicom_port)),
            ("API", lambda: _accepts(bind, self.settings.http_port)),
            ("workers", lambda: all((run / name).exists() for name in _READY_FILES)),
        )

    def _wait(self, what: str, is_ready: Callable[[], bool]) -> None:
        until = time.monotonic() + READY_WITHIN_SECONDS
        while not is_ready():
            dead = [child for child in self.children if not child.is_running]
            if dead:
                raise OutOfResources(f"{dead[0].name} ended at start; see {dead[0].log_path}")
            if time.monotonic() > until:
                raise OutOfResources(f"{what} was not ready in time; see {self.folder / 'logs'}")
            time.sleep(0.05)

    def _write_state(self) -> None:
        """Tell other commands and tests where everything is."""
        state = {
            "ae_title": self.settings.ae_title,
            "bind": self.settings.bind,
            "dicom_port": self.settings.dicom_port,
            "http_port": self.settings.http_port,
            "processes": {child.name: child.pid for child in self.children},
        }
        (self.folder / "run" / "up.json").write_text(json.dumps(state, indent=2))


@contextmanager
def running(
    settings: Settings,
    configuration: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[Supervisor]:
    """Run a Thorax for the length of a with block; children that end are restarted."""
    supervisor = Supervisor(settings, configuration)
    supervisor.start(progress)
    watcher = threading.Thread(target=supervisor.watch, daemon=True, name="watch-children")
    watcher.start()
    try:
        yield supervisor
    finally:
        supervisor.stop()
        watcher.join()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _check_port(bind: str, port: int, name: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except OSError as error:
            raise StateError(
                f"{name} {port} cannot be used ({error.strerror}); set THORAX_{name.upper()}",
                code="port_in_use",
            ) from error


def _accepts(bind: str, port: int) -> bool:
    host = "127.0.0.1" if bind in ("0.0.0.0", "") else bind  # noqa: S104 - a comparison
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def _answers(own: EmbeddedRedis) -> bool:
    client = redis.Redis.from_url(own.url, socket_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _die_with_parent() -> None:
    """On Linux a child is ended with the supervisor, even when that is killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
