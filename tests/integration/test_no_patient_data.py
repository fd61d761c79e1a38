"""Radiographs whose every patient attribute is a sentinel go through the whole line, good and bad.

Afterwards the sentinels may be in the instances and the objects made of them, and nowhere else:
not in logs, metrics, broker messages, file names, the database, result.json or error answers.
Study, Series and SOP Instance UIDs are identifiers too; only the database, result.json and job
documents, which need them, may hold them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import redis
from httpx import Client
from pydicom import dcmread
from pydicom.dataset import Dataset

from service.dimse.scu import Remote
from service.receiver import start_receiver
from service.sending import send
from service.settings import REPOSITORY, Settings, load_settings
from service.supervisor import Supervisor, running
from tests.builders import build_dx, write_part10
from tests.peers import require
from tests.processes import eventually

pytestmark = [pytest.mark.peer, pytest.mark.slow, pytest.mark.timeout(900)]

WITHIN_SECONDS = 400.0
FINAL = {"done", "skipped", "rejected", "dead"}
MARK = "SENTINEL"
BIRTH_DATE = "19010203"
END = "end-of-the-test"
SAMPLE = REPOSITORY / "samples" / "simulated-1.dcm"
PATIENT_TEXTS = (
    "AccessionNumber",
    "InstitutionName",
    "InstitutionAddress",
    "OperatorsName",
    "OtherPatientIDs",
    "PatientAddress",
    "PatientComments",
    "PatientID",
    "PatientName",
    "PerformingPhysicianName",
    "ReferringPhysicianName",
    "RequestedProcedureDescription",
    "SeriesDescription",
    "StationName",
    "StudyDescription",
    "StudyID",
)


@dataclass
class Traces:
    """Everything that a run left behind, by where it was found."""

    texts: dict[str, str] = field(default_factory=dict)
    uids: set[str] = field(default_factory=set)
    delivered: list[bytes] = field(default_factory=list)

    def holding(self, secret: str) -> list[str]:
        """Return the places that hold `secret`, each with what stands around it."""
        return [
            f"{place}: …{text[max(0, text.index(secret) - 80) :][:200]}"
            for place, text in self.texts.items()
            if secret in text
        ]


def marked(**keywords: object) -> Dataset:
    """Return a simulated chest, since a drawn one is none, of a patient made of sentinels."""
    patient = {keyword: f"{MARK}{i:02d}" for i, keyword in enumerate(PATIENT_TEXTS)}
    film = build_dx(
        dcmread(SAMPLE).pixel_array, **{**patient, "PatientBirthDate": BIRTH_DATE, **keywords}
    )
    block = film.private_block(0x0019, f"{MARK}CREATOR", create=True)
    block.add_new(0x01, "LO", f"{MARK}PRIVATE")
    return film


def films(folder: Path) -> list[Path]:
    """Return files that end in different ways; names of files hold sentinels as well."""
    good = marked()
    twin = marked(SOPInstanceUID=good.SOPInstanceUID, Manufacturer="Other")
    datasets = {
        "done": good,
        "conflict": twin,
        "skipped": marked(BodyPartExamined="KNEE"),
        "pixels": marked(Rows=5000),
        "number": marked(WindowCenter="7777777"),
    }
    paths = [write_part10(film, folder / f"{MARK}{name}.dcm") for name, film in datasets.items()]
    # A number that is none: what pydicom raises for it quotes it.
    paths[-1].write_bytes(paths[-1].read_bytes().replace(b"7777777", f"{MARK[:7]}".encode()))
    return paths


@contextmanager
def overheard(broker_url: str) -> Iterator[list[str]]:
    """Collect every command that the broker receives."""
    heard: list[str] = []
    client = redis.Redis.from_url(broker_url)
    listening = threading.Event()

    def listen() -> None:
        with client.monitor() as monitor:
            listening.set()
            for command in monitor.listen():
                heard.append(str(command["command"]))
                if END in heard[-1]:
                    return

    thread = threading.Thread(target=listen)
    thread.start()
    assert listening.wait(30)
    try:
        yield heard
    finally:
        with redis.Redis.from_url(broker_url) as other:
            other.echo(END)
        thread.join()
        client.close()


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Traces:
    """Run the line over the films and collect what it left."""
    require("redis")
    folder = tmp_path_factory.mktemp("canary")
    (folder / "films").mkdir()
    found = Traces()
    with start_receiver(folder / "received") as receiver:
        configuration = folder / "thorax.toml"
        configuration.write_text(destinations(receiver.port))
        with running(settings_of(folder, configuration), configuration) as thorax:
            broker_url = thorax.settings.broker_url
            assert broker_url is not None
            with overheard(broker_url) as heard:
                sent = films(folder / "films")
                found.texts |= answers_while(thorax, sent)
            found.texts["broker"] = "\n".join(heard)
    found.uids = uids_of(sent)
    received = (path for path in (folder / "received").rglob("*") if path.is_file())
    found.delivered = [path.read_bytes() for path in received]
    found.texts |= files_of(thorax.folder)
    return found


def destinations(port: int) -> str:
    """Return one PACS that takes everything, and one that is not there."""
    return f"""
[[destinations]]
name = "pacs"
kind = "dicom"
options = {{ host = "127.0.0.1", port = {port}, ae_title = "PACS" }}

[[destinations]]
name = "absent"
kind = "dicom"
options = {{ host = "127.0.0.1", port = 1, ae_title = "ABSENT" }}
"""


def settings_of(folder: Path, configuration: Path) -> Settings:
    return load_settings(
        {
            "THORAX_CONFIG": str(configuration),
            "THORAX_HOME": str(folder / "home"),
            "THORAX_MODELS": str(REPOSITORY / "models"),
            "THORAX_DICOM_PORT": "0",
            "THORAX_HTTP_PORT": "0",
            "THORAX_RESERVE_MB": "1",
            "THORAX_LOG_FORMAT": "json",
        }
    )


def answers_while(thorax: Supervisor, sent: list[Path]) -> dict[str, str]:
    """Send by C-STORE and by REST, wait for the ends, and return what the API said."""
    settings = thorax.settings
    with Client(base_url=f"http://127.0.0.1:{settings.http_port}", timeout=60) as client:
        remote = Remote("127.0.0.1", settings.dicom_port, settings.ae_title)
        statuses = [each.status for each in send(sent, remote, "CANARY")]
        assert None not in statuses, "every film was answered"
        errors = [said for path in sent for said in refused_uploads(client, path)]
        jobs = eventually(lambda: ended(client), WITHIN_SECONDS, "the end of all jobs")
        documents = [client.get(job["link"]).text for job in jobs]
        listed = client.get("/api/v1/jobs").text
        metrics = client.get("/metrics").text
    assert {job["state"] for job in jobs} >= {"skipped", "rejected"}
    return {
        "error answers": "\n".join(errors),
        "job documents": "\n".join([listed, *documents]),
        "metrics": metrics,
    }


def refused_uploads(client: Client, path: Path) -> list[str]:
    """Return the answers to uploads that fail in different ways."""
    body, uid = path.read_bytes(), str(dcmread(path, stop_before_pixels=True).SOPInstanceUID)
    dicom = {"Content-Type": "application/dicom", "X-Patient": MARK}
    upload = "/api/v1/instances"
    answers = [
        client.post(upload, content=body[:1500], headers=dicom),
        client.post(upload, content=body.replace(b"DICM", MARK[:4].encode()), headers=dicom),
        client.post(upload, files=[("file", (f"{MARK}.dcm", body[:900]))]),
        client.get(
            f"/api/v1/jobs/{MARK}?PatientName={MARK}", headers={"Referer": f"http://{MARK}"}
        ),
        client.get(f"/api/v1/jobs/{uid}/result"),
        client.get(f"/{MARK}/{uid}"),
    ]
    assert all(answer.is_client_error for answer in answers)
    return [answer.text + str(answer.headers) for answer in answers]


def ended(client: Client) -> list[dict[str, Any]] | None:
    """Return the jobs when each is final, or waits for the absent PACS alone."""
    jobs: list[dict[str, Any]] = client.get("/api/v1/jobs").json()["jobs"]
    return jobs if all(is_over(client, job) for job in jobs) else None


def is_over(client: Client, job: dict[str, Any]) -> bool:
    if job["state"] != "delivering":
        return job["state"] in FINAL
    deliveries = client.get(job["link"]).json()["deliveries"]
    return all(
        delivery["state"] == "delivered"
        if delivery["destination"] == "pacs"
        else delivery["attempts"] > 1
        for delivery in deliveries
    )


def uids_of(paths: list[Path]) -> set[str]:
    headers = [dcmread(path, stop_before_pixels=True) for path in paths]
    keywords = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    return {str(header[keyword].value) for header in headers for keyword in keywords}


def files_of(home: Path) -> dict[str, str]:
    """Return what lies under the service's folder, without instances and results that may tell."""
    files = [path for path in home.rglob("*") if path.is_file()]
    texts = {"file names": "\n".join(str(path.relative_to(home)) for path in files)}
    for path in files:
        place = str(path.relative_to(home)).split("/")[0]
        if place in {"logs", "metrics", "run", "redis"} or path.name.startswith("thorax.db"):
            texts[str(path.relative_to(home))] = path.read_bytes().decode("latin-1")
        if path.name == "result.json":
            texts[f"result.json of {path.parent.name}"] = path.read_text(encoding="utf-8")
    return texts


def test_the_run_left_what_can_be_searched(traces: Traces) -> None:
    places = set(traces.texts)

    assert {f"logs/{name}.log" for name in ("listener", "api", "worker")} <= places
    assert "instance_accepted" in traces.texts["logs/listener.log"]
    assert "analysis_ended" in traces.texts["logs/worker.log"]
    assert "thorax.analyse" in traces.texts["broker"]
    assert any(place.startswith("result.json") for place in places)
    assert any(uid in traces.texts["job documents"] for uid in traces.uids)


def test_the_sentinels_went_through_the_line_into_the_objects(traces: Traces) -> None:
    assert traces.delivered
    assert all(MARK.encode() in delivered for delivered in traces.delivered)


@pytest.mark.parametrize("secret", [MARK, BIRTH_DATE, MARK[:7]], ids=["text", "date", "number"])
def test_no_patient_attribute_is_anywhere_but_in_dicom_objects(traces: Traces, secret: str) -> None:
    assert traces.holding(secret) == []


def test_no_instance_identifier_is_in_logs_metrics_messages_or_names(traces: Traces) -> None:
    may_hold = ("job documents", "result.json", "thorax.db")

    found = [
        place
        for uid in traces.uids
        for place in traces.holding(uid)
        if not place.startswith(may_hold)
    ]

    assert found == []
