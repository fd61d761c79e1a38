"""An offer's files as what can be sent: each with its UIDs and the forms that it can take."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydicom import config, dcmread
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom.dsutils import encode, split_dataset

from service.dimse.scu import ContextKey, OutgoingInstance
from service.domain.analysis import ObjectKind
from service.domain.delivering import Family, Offer
from service.errors import PeerRefused

_PLAIN = (str(ExplicitVRLittleEndian), str(ImplicitVRLittleEndian))
"""What every object of ours can be turned into, the better first; the instance stays the same."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One family, its files opened as far as their File Meta Information."""

    family: str
    instances: Mapping[ObjectKind, tuple[OutgoingInstance, ...]]


def candidates_of(offer: Offer) -> tuple[Candidate, ...]:
    """Return the offered families, best first, with their objects that may go there.

    Raises PeerRefused `not_made` when there is nothing of the wanted kind nor for its place.
    """
    kinds = _kinds(offer)
    found = tuple(_candidate(family, kinds) for family in offer.families)
    needed = {offer.wanted, *offer.profile.instead.get(offer.wanted, ())}
    if not any(needed & each.instances.keys() for each in found):
        raise not_made()
    return found


def not_made() -> PeerRefused:
    """Return the error of a kind or family that the settings did not yet ask for back then."""
    text = "no such object was made when this was analysed"
    return PeerRefused(text, code="not_made")


def forms_of(instance: OutgoingInstance) -> tuple[ContextKey, ...]:
    """Return what to propose for it: as it is, then uncompressed."""
    syntaxes = dict.fromkeys((instance.transfer_syntax_uid, *_PLAIN))
    return tuple((instance.sop_class_uid, syntax) for syntax in syntaxes)


def in_syntax(instance: OutgoingInstance, transfer_syntax_uid: str) -> OutgoingInstance:
    """Return the instance in one of its forms; another than the file's is made in memory."""
    if transfer_syntax_uid == instance.transfer_syntax_uid:
        return instance
    with config.disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # they quote values
        dataset = dcmread(instance.path)
        if dataset.file_meta.TransferSyntaxUID.is_compressed:
            dataset.decompress(generate_instance_uid=False)
        content = encode(dataset, UID(transfer_syntax_uid).is_implicit_VR, True)  # noqa: FBT003
    return replace(instance, transfer_syntax_uid=transfer_syntax_uid, content=content)


def _kinds(offer: Offer) -> frozenset[ObjectKind]:
    """Return the wanted kind, what may stand in for it, and what the family is chosen by."""
    by = {ObjectKind.SEG} & set(offer.profile.objects)
    return frozenset({offer.wanted, *offer.profile.instead.get(offer.wanted, ()), *by})


def _candidate(family: Family, kinds: frozenset[ObjectKind]) -> Candidate:
    return Candidate(
        family.name,
        {
            kind: tuple(_outgoing(path) for path in files)
            for kind, files in family.files.items()
            if kind in kinds and files
        },
    )


def _outgoing(path: Path) -> OutgoingInstance:
    meta, offset = split_dataset(path)
    return OutgoingInstance(
        path,
        offset,
        str(meta.MediaStorageSOPClassUID),
        str(meta.MediaStorageSOPInstanceUID),
        str(meta.TransferSyntaxUID),
    )
