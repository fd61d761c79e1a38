"""The judge behind an address, against a real server on this machine."""

import base64
import io
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image

from tests.training.label.critic.scans import ball, question
from training.label.critic.pictures import View, overlays
from training.label.critic.question import Answer, Choice, JudgeFailed
from training.label.critic.registry import JudgeSettings, judge_named


@dataclass
class Service:
    """A judge that says what it is told to, and keeps what it was asked."""

    url: str = ""
    status: int = 200
    answer: bytes = b'{"better": "second", "reason": "rounder"}'
    asked: list[dict] = field(default_factory=list)
    headers: list[dict] = field(default_factory=list)


@pytest.fixture
def service() -> Iterator[Service]:
    told = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            told.headers.append(dict(self.headers))
            self.send_response(told.status)
            self.send_header("Content-Length", str(len(told.answer)))
            self.end_headers()
            self.wfile.write(told.answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/better"
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


def smaller() -> np.ndarray:
    return ball(radius_mm=20.0)


def test_the_answer_is_the_services(service: Service) -> None:
    judge = judge_named("http", JudgeSettings(url=service.url))

    assert judge.better(question(ball(), smaller())) == Answer(Choice.SECOND, "rounder")


def test_it_is_asked_in_the_protocol(service: Service) -> None:
    asked = question(ball(), smaller())

    settings = JudgeSettings(service.url, "secret")
    judge_named("http", settings).better(asked)

    sent = service.asked[0]
    assert sent["protocol"] == "label-critic/1"
    assert (sent["structure"], sent["label"]) == ("heart", "Heart")
    assert "frontal and lateral" in sent["question"]
    assert service.headers[0]["Authorization"] == "Bearer secret"
    expected = overlays("heart", asked.scan, asked.second)
    for view, entry in zip(View, sent["views"], strict=True):
        picture = Image.open(io.BytesIO(base64.b64decode(entry["second"])))
        assert entry["name"] == view
        assert np.array_equal(np.asarray(picture), expected[view])


@pytest.mark.parametrize(
    ("status", "answer", "message"),
    [
        (500, b"", "not reached: HTTPError"),
        (200, b"no JSON", "not of the protocol"),
        (200, b'{"better": "the red one"}', "not of the protocol"),
        (200, b'{"better": "first", "reason": "' + b"x" * 70000 + b'"}', "too long"),
    ],
    ids=["status", "text", "word", "length"],
)
def test_what_is_no_answer_is_a_failure(
    service: Service, status: int, answer: bytes, message: str
) -> None:
    service.status, service.answer = status, answer
    judge = judge_named("http", JudgeSettings(url=service.url))

    with pytest.raises(JudgeFailed, match=message):
        judge.better(question(ball(), smaller()))


def test_nobody_at_the_address_is_a_failure(free_port: int) -> None:
    judge = judge_named("http", JudgeSettings(url=f"http://127.0.0.1:{free_port}/"))

    with pytest.raises(JudgeFailed, match="not reached: ConnectionError"):
        judge.better(question(ball(), smaller()))


@pytest.mark.parametrize("url", [None, "", "file:///etc/passwd", "localhost:80"])
def test_an_address_that_is_none_is_refused(url: str | None) -> None:
    with pytest.raises(ValueError, match="http://"):
        judge_named("http", JudgeSettings(url=url))
