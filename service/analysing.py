"""One file in, one folder of results out; no database. What the worker and the command share."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from pydicom import Dataset

from service.comparing import Comparison
from service.domain.analysis import DEFAULT_KINDS, Analysis, EncodedObject, Reason
from service.domain.delivering import DEFAULT_FAMILY
from service.domain.identifiers import InstanceReference
from service.domain.image import SourceImage
from service.domain.job import JobState
from service.domain.outcome import Outcome
from service.encoders.explained_picture import FILM, write_film
from service.encoders.family import FamilyOptions, all_families
from service.encoders.files import write_dicom, write_json, write_masks
from service.encoders.overlay import write_overlay
from service.encoders.registry import EncodingOptions, encode_all
from service.encoders.result_json import done_document, ended_document
from service.encoders.scene_graph import scene_document
from service.errors import NotEligible, NothingToEncode, RejectedInstance, ServiceError
from service.imaging.eligibility import check_eligible
from service.imaging.read import DecodeLimits, read_header, read_image
from service.inbound.identify import read_identifiers
from service.inference.catalogue import Catalogue
from service.pipeline import analyse
from service.priors.history import NO_HISTORY, History
from service.telemetry.metrics import observe_stages


@dataclass(frozen=True, slots=True)
class AnalysisTools:
    """All that an analysis needs besides its input.

    encoding: of what is always made, at the top of the results. further: what destinations want
    besides; a family that is not the default one gets a folder of its name.
    """

    catalogue: Catalogue
    decode_limits: DecodeLimits
    encoding: EncodingOptions
    history: History = NO_HISTORY
    further: tuple[FamilyOptions, ...] = ()


Source = tuple[Dataset, SourceImage]
Timings = dict[str, float]


def analyse_file(path: Path, folder: Path, tools: AnalysisTools) -> Outcome:
    """Analyse the DICOM file at `path` and write what it gave into the existing `folder`.

    A file that is not for us ends SKIPPED, one that cannot be read REJECTED, each with a
    result.json that says why. Errors that may pass (OutOfResources) and bugs propagate.
    """
    references: list[InstanceReference] = []

    def read() -> Source:
        with path.open("rb") as stream:
            references.append(read_identifiers(stream).reference)
        header = read_header(path)
        check_eligible(header)
        image = read_image(path, header, tools.decode_limits)
        _check_same(image.reference, references[0])
        return header, image

    try:
        return analyse_source(read, folder, tools)
    except (NotEligible, RejectedInstance) as error:
        state = JobState.SKIPPED if isinstance(error, NotEligible) else JobState.REJECTED
        return write_refusal(folder, state, error, references[0] if references else None)


def analyse_source(read: Callable[[], Source], folder: Path, tools: AnalysisTools) -> Outcome:
    """Analyse what `read` gives and write the results into `folder`.

    Raises NotEligible and RejectedInstance before anything is written.
    """
    timings: Timings = {}
    with _timed(timings, "read"):
        header, image = read()
    segmenter = tools.catalogue.choose(image.view)
    analysis = analyse(image, segmenter)
    timings |= analysis.timings
    with _timed(timings, "compare"):
        comparison = Comparison(tools.history, segmenter, tools.decode_limits)
        analysis, film = comparison.compared(header, analysis)
    families = all_families(tools.encoding, DEFAULT_KINDS, tools.further)
    objects = write_families(folder, header, analysis, families, timings)
    write_masks(analysis.segmentation, folder / "masks.npz")
    write_overlay(analysis, folder / "overlay.png")
    write_film(analysis, folder / FILM)
    write_json(scene_document(analysis), folder / "scene.json")
    shown = tuple(each for each in objects if each.family == DEFAULT_FAMILY)
    write_json(done_document(analysis, shown, timings), folder / "result.json")
    observe_stages(timings)
    return Outcome(JobState.DONE, None, image.reference, analysis.model, objects, film)


def _check_same(read: InstanceReference, identified: InstanceReference) -> None:
    """Refuse a file that names itself twice: its job and its results would be about two."""
    if read.sop_instance_uid != identified.sop_instance_uid:
        raise RejectedInstance("SOPInstanceUID stands twice and differs", code="uid_mismatch")


def write_refusal(
    folder: Path, state: JobState, error: ServiceError, reference: InstanceReference | None
) -> Outcome:
    """Write the result.json of a file that gave no results."""
    reason = Reason(error.code, error.text)
    write_json(ended_document(state, reason, reference), folder / "result.json")
    return Outcome(state, reason, reference, None, ())


def write_families(
    folder: Path,
    header: Dataset,
    analysis: Analysis,
    families: Sequence[FamilyOptions],
    timings: Timings | None = None,
) -> tuple[EncodedObject, ...]:
    """Write the objects of each family below `folder`, add the seconds of each kind to `timings`.

    The default family lies in `folder` itself, another in a folder of its name.
    """
    timings = {} if timings is None else timings
    return tuple(
        each
        for family in families
        for each in _write_objects(folder, header, analysis, family, timings)
    )


def _write_objects(
    folder: Path, header: Dataset, analysis: Analysis, family: FamilyOptions, timings: Timings
) -> Iterator[EncodedObject]:
    """Write each kind as <kind>.dcm, and <kind>-2.dcm and so on where one instance does not do.

    A kind of which there is nothing is left out.
    """
    place = folder / family.name
    place.mkdir(exist_ok=True)
    for kind in family.kinds:
        with _timed(timings, f"encode_{kind}"), suppress(NothingToEncode):
            made = encode_all(kind, analysis, header, family.encoding)
            for number, dataset in enumerate(made, start=1):
                path = place / (f"{kind}.dcm" if number == 1 else f"{kind}-{number}.dcm")
                write_dicom(dataset, path)
                uids = dataset.SOPClassUID, dataset.SOPInstanceUID
                yield EncodedObject(kind, *uids, path, family.name)


@contextmanager
def _timed(timings: Timings, stage: str) -> Iterator[None]:
    started = perf_counter()
    yield
    timings[stage] = timings.get(stage, 0.0) + perf_counter() - started
