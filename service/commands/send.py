"""`thorax send`: files to a DICOM peer by C-STORE, as a PACS would."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from service.dimse.scu import Remote
from service.sending import SentFile, files_in, send
from service.settings import Settings, SettingsError


def send_files(paths: Sequence[Path], remote: Remote, calling: str, console: Console) -> int:
    """Send the files, print one line per file, return the exit status."""
    files = files_in(paths)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("sending", total=len(files))
        sent = send(files, remote, calling, lambda _: progress.advance(task))
    console.print(_table(sent))
    return 0 if sent and all(file.is_stored for file in sent) else 1


def remote_of(to: str | None, called: str | None, settings: Settings) -> Remote:
    """Return the peer that HOST:PORT and AE title name; our own listener where they do not."""
    ae_title = called or settings.ae_title
    if to is None:
        return Remote(settings.bind, settings.dicom_port, ae_title)
    host, _, port = to.rpartition(":")
    if not host or not port.isdigit():
        raise SettingsError("--to must be HOST:PORT")
    return Remote(host, int(port), ae_title)


def _table(sent: Sequence[SentFile]) -> Table:
    table = Table("file", "answer")
    for file in sent:
        answer = f"0x{file.status:04X}" if file.status is not None else f"{file.code}: {file.text}"
        table.add_row(file.path.name, answer)
    return table
