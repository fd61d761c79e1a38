"""Source kind `dimse`: C-FIND at study, series and image level, then C-GET or C-MOVE (PS3.4 C).

C-GET needs nothing but the association. C-MOVE is for archives that do no C-GET: they send to an
AE title that they know, `move_ae_title`, for which a listener is open as long as the transfer
lasts. It is another than that of films to analyse, so that no prior becomes a job.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, model_validator
from pydicom import Dataset
from pynetdicom.dimse_primitives import C_STORE

from service.dimse.part10 import part10_head
from service.dimse.query import GET, MOVE, Bounds, QueryAssociation, query_association
from service.dimse.scu import Remote
from service.inbound.spooling import TemporaryFiles
from service.priors.identity import plain_text
from service.priors.move_listener import MoveListener
from service.priors.patience import Deadline
from service.priors.question import (
    ANSWERED,
    MODALITIES,
    Candidate,
    Question,
    image_identifier,
    level_identifier,
    newest_first,
)
from service.priors.source import SOURCES, SourceOptions, Surroundings

STUDIES_LOOKED_AT, SERIES_LOOKED_AT = 6, 8
_ANSWERS = 100


class DimseOptions(SourceOptions):
    """Where the archive listens, its AE title, and how instances are had of it."""

    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    ae_title: str = Field(min_length=1, max_length=16)
    calling_ae_title: str | None = Field(None, min_length=1, max_length=16)
    retrieve: Literal["get", "move"] = "get"
    move_ae_title: str | None = Field(None, min_length=1, max_length=16)
    move_port: int | None = Field(None, ge=1, le=65535)
    move_bind: str = "127.0.0.1"

    @model_validator(mode="after")
    def _move_has_a_destination(self) -> "DimseOptions":
        if self.retrieve == "move" and not (self.move_ae_title and self.move_port):
            raise ValueError("move_ae_title and move_port are needed for C-MOVE")
        return self


@SOURCES.register("dimse")
class DimsePeer:
    """An archive."""

    Options: ClassVar[type[SourceOptions]] = DimseOptions

    def __init__(self, options: DimseOptions, surroundings: Surroundings) -> None:
        self._options = options
        self._remote = Remote(options.host, options.port, options.ae_title)
        self._calling = options.calling_ae_title or surroundings.ae_title
        self._files = surroundings.files

    @contextmanager
    def session(self, deadline: Deadline) -> Iterator["DimseSession"]:
        """Give a conversation over one association."""
        bounds = Bounds(2 * self._options.maximum_bytes, lambda: deadline.seconds_left)
        arrived = Arrived(self._files)
        model = GET if self._options.retrieve == "get" else MOVE
        with query_association(self._remote, self._calling, model, bounds, arrived.take) as opened:
            if model == GET:
                yield DimseSession(opened, lambda wanted: arrived.by_get(opened, wanted))
            else:
                listener = self._listener(deadline)
                yield DimseSession(opened, lambda wanted: listener.by_move(opened, wanted))

    def _listener(self, deadline: Deadline) -> MoveListener:
        options = self._options
        return MoveListener(
            ae_title=options.move_ae_title or "",
            bind=options.move_bind,
            port=options.move_port or 0,
            maximum_bytes=options.maximum_bytes,
            files=self._files,
            deadline=deadline,
        )


class DimseSession:
    """One conversation."""

    def __init__(self, opened: QueryAssociation, fetch: Callable[[Candidate], Path | None]) -> None:
        self._opened = opened
        self._fetch = fetch

    def search(self, question: Question) -> Iterator[Candidate]:
        """Yield candidates, study by study, the newest study first."""
        for study in self._studies(question)[:STUDIES_LOOKED_AT]:
            answers = [
                _on_top_of(study, image)
                for series in self._series(study)[:SERIES_LOOKED_AT]
                for image in self._images(study, series)
            ]
            yield from newest_first(answers, question)

    def fetch(self, candidate: Candidate) -> Path | None:
        """Return the instance as it was sent."""
        return self._fetch(candidate)

    def _studies(self, question: Question) -> list[Dataset]:
        wanted = level_identifier("STUDY")
        wanted.PatientID = question.patient_id
        wanted.IssuerOfPatientID = question.issuer
        wanted.StudyDate = f"-{question.until}"
        wanted.StudyTime = wanted.ModalitiesInStudy = wanted.StudyInstanceUID = ""
        found = self._opened.find(wanted, _ANSWERS)
        return sorted(found, key=lambda each: plain_text(each, "StudyDate"), reverse=True)

    def _series(self, study: Dataset) -> list[Dataset]:
        wanted = level_identifier("SERIES")
        wanted.StudyInstanceUID = plain_text(study, "StudyInstanceUID")
        wanted.SeriesInstanceUID = wanted.Modality = ""
        found = self._opened.find(wanted, _ANSWERS)
        return [each for each in found if plain_text(each, "Modality") in MODALITIES]

    def _images(self, study: Dataset, series: Dataset) -> list[Dataset]:
        wanted = level_identifier("IMAGE")
        for keyword in ANSWERED:
            if keyword not in ("SpecificCharacterSet", "StudyDate", "StudyTime"):
                setattr(wanted, keyword, "")
        wanted.StudyInstanceUID = plain_text(study, "StudyInstanceUID")
        wanted.SeriesInstanceUID = plain_text(series, "SeriesInstanceUID")
        found = self._opened.find(wanted, _ANSWERS)
        return [_on_top_of(series, each) for each in found]


class Arrived:
    """Takes what comes on the association of a C-GET, if it is what was asked for."""

    def __init__(self, files: TemporaryFiles) -> None:
        self._files = files
        self._wanted: Candidate | None = None
        self._path: Path | None = None

    def by_get(self, opened: QueryAssociation, wanted: Candidate) -> Path | None:
        """Return the file that the C-GET brought; None when it brought none."""
        self._wanted, self._path = wanted, None
        opened.get(image_identifier(wanted))
        self._wanted = None
        return self._path

    def take(self, request: C_STORE, transfer_syntax_uid: str) -> bool:
        """Write the data set behind a Part 10 head; return whether it was wanted."""
        wanted = self._wanted
        if wanted is None or self._path is not None or request.DataSet is None:
            return False
        if str(request.AffectedSOPInstanceUID) != wanted.sop_instance_uid:
            return False
        head = part10_head(
            str(request.AffectedSOPClassUID), wanted.sop_instance_uid, transfer_syntax_uid
        )
        path = self._files.temporary_file()
        with path.open("wb") as file:
            file.write(head)
            file.write(request.DataSet.getbuffer())
        self._path = path
        return True


def _on_top_of(outer: Dataset, inner: Dataset) -> Dataset:
    """Return what both levels answered of what is wanted, the inner one's word first."""
    made = Dataset()
    for keyword in ANSWERED:
        text = plain_text(inner, keyword) or plain_text(outer, keyword)
        if text and keyword != "SpecificCharacterSet":
            setattr(made, keyword, text)
    return made
