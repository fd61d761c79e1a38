# noqa: INP001 - a script for container engines, not part of a package
"""Exits 0 when a part of Thorax works: `healthcheck.py api | listener | worker`.

For container engines. Each part is asked as its users ask it, on this machine.
"""

import sys
import urllib.request
from collections.abc import Callable

from pynetdicom import AE
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from service.queue import QUEUES
from service.settings import Settings, load_settings

SECONDS = 5.0


def api(settings: Settings) -> bool:
    """Ask the API whether it lives."""
    address = f"http://127.0.0.1:{settings.http_port}/health/live"
    with urllib.request.urlopen(address, timeout=SECONDS) as answer:
        return bool(answer.status == 200)  # noqa: PLR2004 - OK


def listener(settings: Settings) -> bool:
    """Ask the listener for an association; a refusal by its rules is an answer too."""
    entity = AE(ae_title="HEALTHCHECK")
    entity.acse_timeout = entity.network_timeout = entity.connection_timeout = SECONDS
    entity.add_requested_context(Verification)
    association = entity.associate("127.0.0.1", settings.dicom_port, ae_title=settings.ae_title)
    if association.is_established:
        association.release()
        return True
    return bool(association.is_rejected)


def worker(settings: Settings) -> bool:
    """Look whether both queues have been taken up; a worker that ends, ends its container."""
    return all((settings.home / "run" / f"{queue}.ready").exists() for queue in QUEUES)


PARTS: dict[str, Callable[[Settings], bool]] = {"api": api, "listener": listener, "worker": worker}


def main(part: str) -> int:
    """Return the exit status."""
    try:
        return 0 if PARTS[part](load_settings()) else 1
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
