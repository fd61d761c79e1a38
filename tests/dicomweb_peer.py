"""A DICOMweb origin server that answers what a test says, however wrong."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

from pydicom import Dataset

BOUNDARY = "limit"
MULTIPART = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'

Answer = tuple[int, str, bytes]
"""Status, Content-Type, body."""


def part10(dataset: Dataset) -> bytes:
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def multipart(content: bytes) -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    return head + content + f"\r\n--{BOUNDARY}--\r\n".encode()


@dataclass
class Script:
    """What the server says of the studies, of their instances, and when one is retrieved.

    heard: the paths that it was asked for, with their queries.
    """

    studies: Callable[[], Answer]
    instances: Callable[[], Answer]
    retrieved: Callable[[], Answer]
    heard: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str) -> Answer:
        self.heard.append(path)
        asked = path.partition("?")[0]
        if asked.endswith("/studies"):
            return self.studies()
        return self.retrieved() if "/series/" in asked else self.instances()


def script_of(film: Dataset, retrieved: Dataset | None = None, **claims: str) -> Script:
    """Serve `film`, described as it is except for `claims`; or `retrieved` in its place."""
    keywords = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID")
    described = Dataset()
    for keyword in (*keywords, "StudyDate", "AcquisitionDate", "ViewPosition"):
        setattr(described, keyword, claims.get(keyword, film.get(keyword)))
    answers: list[dict[str, Any]] = [described.to_json_dict()]
    body = multipart(part10(retrieved or film))
    found = (200, "application/dicom+json", json.dumps(answers).encode())
    return Script(lambda: found, lambda: found, lambda: (200, MULTIPART, body))


@contextmanager
def dicomweb_peer(script: Script) -> Iterator[str]:
    """Serve what the script says and give the base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content_type, body = script.answer(self.path)
            with suppress(ConnectionError):  # whoever asked has had enough
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        script.url = f"http://127.0.0.1:{server.server_port}/dicom-web"
        yield script.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
