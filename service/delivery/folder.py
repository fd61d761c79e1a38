"""Destination kind `folder`: files in `<root>/<study instance uid>/<sop instance uid>.dcm`."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from pydicom import dcmread

from service.delivery.candidates import candidates_of, not_made
from service.delivery.registry import DESTINATIONS
from service.dimse.scu import OutgoingInstance
from service.domain.analysis import Reason
from service.domain.delivering import AS_WANTED, Offer, Sent, asked_for_later
from service.domain.identifiers import checked_uid
from service.errors import PeerError


class FolderOptions(BaseModel):
    """The folder that receives the files; it is made when it is not there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    root: Path


@DESTINATIONS.register("folder")
class Folder:
    """Copies objects; a reader of the folder never sees half a file."""

    Options: ClassVar[type[BaseModel]] = FolderOptions

    def __init__(self, name: str, options: FolderOptions, ae_title: str) -> None:  # noqa: ARG002
        self._root = options.root

    def deliver(self, offer: Offer) -> Sent:
        """Copy the wanted objects of the best family; again replaces them by the same bytes.

        Raises PeerError `folder_unavailable` while the folder cannot be written.
        """
        family, instances = _best(offer)
        for instance in instances:
            name = checked_uid(instance.sop_instance_uid, "SOPInstanceUID")
            study_instance_uid = _study_instance_uid(instance.path)
            try:
                folder = self._root / study_instance_uid
                folder.mkdir(parents=True, exist_ok=True)
                _copy_atomically(instance.path, folder / f"{name}.dcm")
            except OSError as error:
                text = "the folder cannot be written"
                raise PeerError(text, code="folder_unavailable") from error
        first = instances[0]
        return Sent(
            kind=offer.wanted,
            family=family,
            sop_class_uid=first.sop_class_uid,
            sop_instance_uid=first.sop_instance_uid,
            transfer_syntax_uid=first.transfer_syntax_uid,
            why=asked_for_later(family, offer.profile)
            or Reason(AS_WANTED, "a folder takes everything"),
        )


def _best(offer: Offer) -> tuple[str, tuple[OutgoingInstance, ...]]:
    """Return the best family that has the wanted kind, and its objects of that kind."""
    for candidate in candidates_of(offer):
        if instances := candidate.instances.get(offer.wanted):
            return candidate.family, instances
    raise not_made()


def _study_instance_uid(path: Path) -> str:
    header = dcmread(path, stop_before_pixels=True, specific_tags=["StudyInstanceUID"])
    return checked_uid(str(header.get("StudyInstanceUID", "")), "StudyInstanceUID")


def _copy_atomically(source: Path, target: Path) -> None:
    """Copy into a hidden file beside `target`, make it durable, and rename it."""
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as copy:
        unfinished = Path(copy.name)
        try:
            with source.open("rb") as original:
                shutil.copyfileobj(original, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
            unfinished.chmod(0o644)
            unfinished.replace(target)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
