"""The objects that can be made of an analysis, and what a deployment may choose about them."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from pydicom import config
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from service import encoders
from service.domain.analysis import Analysis, ObjectKind
from service.plugins import Registry, load


class SegProfile(StrEnum):
    """How a SEG says where it lies, for a radiograph that has no frame of reference.

    viewer: a frame of reference of its own and a plane in it; today's web viewers need one.
    strict: none, as PS3.3 A.51 has it for projection images; those viewers refuse it.
    """

    VIEWER = "viewer"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class EncodingOptions:
    """What a deployment chooses.

    device_uid: UID of the device observer in SR, one a deployment.
    fractional_transfer_syntax_uid: for the 8-bit SEG of an image whose size is no multiple of 8;
    Explicit VR Little Endian that everybody takes, or RLE Lossless, about sixty times smaller.
    """

    seg_profile: SegProfile
    device_uid: str
    fractional_transfer_syntax_uid: str = ExplicitVRLittleEndian


Encoder = Callable[[Analysis, Dataset, EncodingOptions], Dataset]
"""Makes one object; the Dataset is the source's header, without pixels and as odd as it came."""

ENCODERS: Registry[Encoder] = Registry("encoder")


def encode(
    kind: ObjectKind, analysis: Analysis, header: Dataset, options: EncodingOptions
) -> Dataset:
    """Return the object of this kind, with file meta information, ready to be written.

    The same arguments give the same object, UIDs included. Raises UnknownPlugin.
    """
    load(encoders)
    with _quiet():
        return ENCODERS.get(kind)(analysis, header, options)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep pydicom and highdicom from warning: they quote the value, and it is the patient's."""
    with config.disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield
