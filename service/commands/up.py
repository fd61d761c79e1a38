"""`thorax up`: a whole Thorax on this machine until Ctrl-C."""

import signal
import threading

from rich.console import Console
from rich.table import Table

from service.settings import Settings, configuration_file
from service.supervisor import Supervisor, running


def run_until_interrupted(settings: Settings, console: Console) -> None:
    """Start everything, print where it is, wait for Ctrl-C or SIGTERM, stop everything."""
    interrupted = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: interrupted.set())

    def started(what: str) -> None:
        console.print(f"starting {what}", style="dim")

    with running(settings, configuration_file(), started) as supervisor:
        console.print(addresses(supervisor))
        console.print("Ctrl-C stops it.")
        interrupted.wait()
        console.print("stopping")


def addresses(supervisor: Supervisor) -> Table:
    """Return what a PACS administrator has to enter."""
    settings = supervisor.settings
    url = f"http://{settings.bind}:{settings.http_port}"
    table = Table(show_header=False, title="Thorax is running", title_justify="left")
    for name, value in (
        ("AE title", settings.ae_title),
        ("DICOM", f"{settings.bind}:{settings.dicom_port}"),
        ("API", f"{url}/api/v1"),
        ("API description", f"{url}/openapi.json"),
        ("health", f"{url}/health/ready"),
        ("state", str(supervisor.folder)),
        ("logs", str(supervisor.folder / "logs")),
        ("destinations", ", ".join(d.name for d in settings.destinations) or "none: results stay"),
    ):
        table.add_row(name, value)
    return table
