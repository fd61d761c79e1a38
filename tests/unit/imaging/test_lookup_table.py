from collections.abc import Sequence

import numpy as np
import pytest
from pydicom import Dataset

from service.imaging.lookup_table import LookupTable, read_lookup_table


def lut_item(
    descriptor: Sequence[int] | None, entries: Sequence[int] | bytes | None, vr: str = "US"
) -> Dataset:
    item = Dataset()
    if descriptor is not None:
        item.add_new("LUTDescriptor", vr if vr != "OW" else "US", list(descriptor))
    if entries is not None:
        item.add_new("LUTData", vr, entries if isinstance(entries, bytes) else list(entries))
    return item


def table_of(item: Dataset, *, negative: bool = False, little: bool = True) -> LookupTable | None:
    return read_lookup_table(item, is_little_endian=little, has_negative_input=negative)


def test_values_outside_the_table_take_the_nearest_ends_entry() -> None:
    table = table_of(lut_item([3, 10, 8], [5, 6, 9]))

    assert table is not None
    assert table.look_up(np.array([-5.0, 9, 10, 11, 12, 13, 900])).tolist() == [
        *(5, 5, 5),
        *(6, 9, 9, 9),
    ]


def test_a_length_of_zero_means_65536_entries() -> None:
    table = table_of(lut_item([0, 0, 16], np.arange(65536, dtype="<u2").tobytes(), "OW"))

    assert table is not None
    assert table.look_up(np.array([65535.0]))[0] == 65535


@pytest.mark.parametrize(("little", "order"), [(True, "<"), (False, ">")], ids=["little", "big"])
def test_words_are_read_in_the_files_byte_order(little: bool, order: str) -> None:  # noqa: FBT001
    entries = np.array([1, 256, 4095], f"{order}u2").tobytes()

    table = table_of(lut_item([3, 0, 12], entries, "OW"), little=little)

    assert table is not None
    assert table.entries.tolist() == [1, 256, 4095]


def test_entries_of_eight_bits_may_be_packed() -> None:
    table = table_of(lut_item([3, 0, 8], bytes([7, 8, 9, 0]), "OW"))

    assert table is not None
    assert table.entries.tolist() == [7, 8, 9]


def test_the_first_input_is_negative_when_inputs_are_though_written_unsigned() -> None:
    first = -100
    item = lut_item([2, first + 65536, 8], [1, 2])

    signed, unsigned = table_of(item, negative=True), table_of(item)

    assert signed is not None
    assert unsigned is not None
    assert (signed.first_mapped, unsigned.first_mapped) == (first, first + 65536)


@pytest.mark.parametrize(
    "item",
    [
        pytest.param(lut_item(None, [1, 2]), id="no descriptor"),
        pytest.param(lut_item([2, 0], [1, 2]), id="a short descriptor"),
        pytest.param(lut_item([2, 0, 16], None), id="no data"),
        pytest.param(lut_item([3, 0, 16], [1, 2]), id="too few entries"),
        pytest.param(lut_item([3, 0, 16], b"\1\0\2\0\3", "OW"), id="half an entry"),
        pytest.param(lut_item([2, 0, 0], [1, 2]), id="no bits"),
        pytest.param(lut_item([2, 0, 32], [1, 2]), id="too many bits"),
    ],
)
def test_a_broken_table_is_none(item: Dataset) -> None:
    assert table_of(item) is None
