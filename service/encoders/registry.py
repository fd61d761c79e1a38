"""The objects that can be made of an analysis, and what a deployment may choose about them."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from pydicom import config
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless

from service import encoders
from service.anatomy.profiles import CLINICAL, LabelProfile
from service.domain.analysis import Analysis, ObjectKind
from service.encoders.code_map import NO_CODE_MAP, CodeMap
from service.plugins import Registry, load


class SegProfile(StrEnum):
    """How a SEG says where it lies, for a radiograph that has no frame of reference.

    viewer: a frame of reference of its own and a plane in it; today's web viewers need one.
    strict: none, as PS3.3 A.51 has it for projection images; those viewers refuse it.
    """

    VIEWER = "viewer"
    STRICT = "strict"


class SegForm(StrEnum):
    """How a SEG holds its masks.

    automatic: binary where viewers show it right, else fractional.
    binary: one bit a pixel. fractional: 8 bits a pixel, 0 and 255 alone, may be compressed.
    labelmap: one number a pixel, overlapping structures in several instances; a SOP class of its
    own, which many receivers do not take.
    """

    AUTOMATIC = "automatic"
    BINARY = "binary"
    FRACTIONAL = "fractional"
    LABELMAP = "labelmap"


@dataclass(frozen=True, slots=True)
class EncodingOptions:
    """What a deployment chooses, for one destination if need be.

    device_uid: UID of the device observer in SR, one a deployment.
    segments: which labels the SEG describes. seg_form: how it holds them.
    seg_transfer_syntax_uid: of 8 bits a pixel or more: RLE Lossless, sixty times smaller than
    Explicit VR Little Endian, or JPEG-LS Lossless. deflate: for single bits, which no such codec
    takes. Neither changes UIDs or content: it is the same instance, encoded differently.
    """

    seg_profile: SegProfile
    device_uid: str
    segments: LabelProfile = CLINICAL
    seg_form: SegForm = SegForm.AUTOMATIC
    seg_transfer_syntax_uid: str = RLELossless
    deflate: bool = False
    code_map: CodeMap = NO_CODE_MAP


Encoded = Dataset | tuple[Dataset, ...]
Encoder = Callable[[Analysis, Dataset, EncodingOptions], Encoded]
"""Makes one object, or the several instances of one series (a LABELMAP in layers).

The Dataset is the source's header, without pixels and as odd as it came.
"""

ENCODERS: Registry[Encoder] = Registry("encoder")


def encode(
    kind: ObjectKind, analysis: Analysis, header: Dataset, options: EncodingOptions
) -> Dataset:
    """Return the one object of this kind, with file meta information, ready to be written.

    The same arguments give the same object, UIDs included. Raises UnknownPlugin, NothingToEncode,
    and ValueError when the options give several instances: then `encode_all` is meant.
    """
    (made,) = encode_all(kind, analysis, header, options)
    return made


def encode_all(
    kind: ObjectKind, analysis: Analysis, header: Dataset, options: EncodingOptions
) -> tuple[Dataset, ...]:
    """Return the instances of this kind in their order, one in every form but a LABELMAP.

    Raises UnknownPlugin and NothingToEncode.
    """
    load(encoders)
    with _quiet():
        made = ENCODERS.get(kind)(options.code_map.named(analysis), header, options)
    return made if isinstance(made, tuple) else (made,)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep pydicom and highdicom from warning: they quote the value, and it is the patient's."""
    with config.disable_value_validation(), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield
