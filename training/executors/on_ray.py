"""Items as tasks of Ray: on this machine's cores, or on a cluster whose nodes share the folder.

A task whose process dies is run again, up to three times; an error that the item itself raises is
its outcome, as in the serial run, since it would come again. Every node needs this package, and the
stage's folders under the same paths.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from training.executors.port import EXECUTORS, Make, Outcome, attempt
from training.failure import DiskFull, Failure

RETRIES = 3
LOST = f"its process was lost {RETRIES + 1} times"
MISSING = 'ray is an extra: pip install "thorax[training-ray]"'


class RayMissing(ImportError):
    """The optional package is not installed."""


class OnRay:
    """Makes items as Ray tasks, one core each; an empty address starts Ray on this machine.

    cores: how many of this machine's cores a local Ray may use, None for all.
    """

    def __init__(self, address: str = "", cores: int | None = None) -> None:
        try:
            import ray
        except ImportError as error:
            raise RayMissing(MISSING) from error
        self._ray: Any = ray
        self._address = address
        self._cores = cores

    def each(self, names: Sequence[str], make: Make, folder: Path) -> Iterator[Outcome]:
        """Yield every item's outcome as it ends."""
        if not names:
            return
        with self._connected():
            task = self._ray.remote(num_cpus=1, max_retries=RETRIES)(attempt)
            shared = self._ray.put(make)
            waiting = {task.remote(name, shared, folder): name for name in names}
            try:
                while waiting:
                    (ready,), _ = self._ray.wait(list(waiting), num_returns=1)
                    yield self._outcome(ready, waiting.pop(ready), folder)
            finally:
                for reference in waiting:
                    self._ray.cancel(reference, force=True)

    def _outcome(self, reference: Any, name: str, folder: Path) -> Outcome:  # noqa: ANN401
        """What one task came to; a process that died every time is a failure of that item."""
        try:
            outcome: Outcome = self._ray.get(reference)
        except DiskFull:
            raise DiskFull(folder) from None
        except self._ray.exceptions.RayError as error:
            return Outcome(name, failure=Failure(type(error).__name__, LOST, ""))
        return outcome

    @contextmanager
    def _connected(self) -> Iterator[None]:
        """Use the Ray that is running in this process, or connect and disconnect."""
        if self._ray.is_initialized():
            yield
            return
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        where: dict[str, Any] = {"address": self._address} if self._address else self._local()
        self._ray.init(log_to_driver=False, logging_level="ERROR", **where)
        try:
            yield
        finally:
            self._ray.shutdown()

    def _local(self) -> dict[str, Any]:
        return {"address": "local", "num_cpus": self._cores, "include_dashboard": False}


@EXECUTORS.register("ray")
def on_ray(address: str) -> OnRay:
    """Connect to a cluster's address, or start Ray here."""
    return OnRay(address)
