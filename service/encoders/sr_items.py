"""The kinds of content item that a report is put together from (PS3.3 C.17.3)."""

from typing import TypeVar

import highdicom as hd
from highdicom.sr.value_types import (
    CodeContentItem,
    ContainerContentItem,
    ContentItem,
    ContentSequence,
    DateContentItem,
    ImageContentItem,
    NumContentItem,
    TextContentItem,
)
from pydicom.dataset import Dataset
from pydicom.sr.coding import Code as DicomCode

from service.domain.identifiers import InstanceReference

Item = TypeVar("Item", bound=Dataset)
Relationship = hd.sr.RelationshipTypeValues
_DECIMALS = 4


def text(name: DicomCode, value: str, how: Relationship) -> TextContentItem:
    """Return a sentence."""
    return TextContentItem(name=name, value=value, relationship_type=how)


def coded(name: DicomCode, value: DicomCode, how: Relationship) -> CodeContentItem:
    """Return a coded answer."""
    return CodeContentItem(name=name, value=value, relationship_type=how)


def number(name: DicomCode, value: float, unit: DicomCode, how: Relationship) -> NumContentItem:
    """Return a number with its unit, to four decimals."""
    return NumContentItem(name=name, value=rounded(value), unit=unit, relationship_type=how)


def date(name: DicomCode, value: str, how: Relationship) -> DateContentItem:
    """Return a date; `value` is YYYYMMDD."""
    return DateContentItem(name=name, value=value, relationship_type=how)


def image(name: DicomCode, reference: InstanceReference, how: Relationship) -> ImageContentItem:
    """Return a reference to a whole image."""
    return ImageContentItem(
        name=name,
        referenced_sop_class_uid=reference.sop_class_uid,
        referenced_sop_instance_uid=reference.sop_instance_uid,
        relationship_type=how,
    )


def container(name: DicomCode) -> ContainerContentItem:
    """Return an empty container."""
    made = ContainerContentItem(name=name, relationship_type=Relationship.CONTAINS)
    made.ContentSequence = ContentSequence()
    return made


def below(parent: Item, *children: ContentItem) -> Item:
    """Return the content item `parent` with `children` added under it."""
    if children and "ContentSequence" not in parent:
        parent.ContentSequence = ContentSequence()
    for child in children:
        parent.ContentSequence.append(child)
    return parent


def rounded(value: float) -> float:
    """Return the value as reports and documents give it: to four decimals."""
    return round(float(value), _DECIMALS)
