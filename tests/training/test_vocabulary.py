from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from training.channels import KEYS
from training.vocabulary import ENTRIES, labels


def test_every_channel_has_an_entry_and_no_entry_is_left_over() -> None:
    assert set(ENTRIES) == set(KEYS)


def test_every_code_is_in_the_standards_dictionary_with_its_meaning() -> None:
    known = {(c.value, c.meaning.lower()) for c in _snomed()}
    wrong = [e.code for e in ENTRIES.values() if (e.code[0], e.code[1].lower()) not in known]
    assert not wrong


def _snomed() -> list[Code]:
    return [getattr(codes.SCT, name) for name in codes.SCT.dir() if name[0].isupper()]


def test_sides_are_the_words_of_the_key() -> None:
    for label in labels({}):
        words = label.key.split("_")
        side = label.laterality.value if label.laterality else None
        assert side == next((w for w in ("right", "left") if w in words), None)
        assert side is None or side in label.label.lower()


def test_colours_are_all_different() -> None:
    colours = [entry.colour_rgb for entry in ENTRIES.values()]
    assert len(set(colours)) == len(colours)
