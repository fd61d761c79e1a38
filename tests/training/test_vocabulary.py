from service.anatomy.structures import structures_by_key
from training.channels import CHANNELS, TRAINED_KEYS
from training.vocabulary import ENTRIES, MINIMUM_AREA_FRACTIONS, labels, with_unions


def test_sides_are_the_words_of_the_key() -> None:
    for label in labels(TRAINED_KEYS, {}):
        words = label.key.split("_")
        side = label.laterality.value if label.laterality else None
        assert side == next((w for w in ("right", "left") if w in words), None)
        assert side is None or side in label.label.lower()


def test_numbers_are_those_of_the_anatomy_table() -> None:
    numbers = {key: structure.number for key, structure in structures_by_key().items()}
    assert all(label.number == numbers[label.key] for label in labels(TRAINED_KEYS, {}))


def test_a_union_is_offered_only_when_all_its_parts_are_taught() -> None:
    assert with_unions(["clavicle_left"]) == ("clavicle_left",)
    both = ("clavicle_left", "clavicle_right")
    assert with_unions(both) == (*both, "clavicles")


def test_everything_taught_gives_every_channel() -> None:
    assert set(with_unions(TRAINED_KEYS)) == {channel.key for channel in CHANNELS}


def test_only_channels_have_a_minimum_area() -> None:
    assert set(MINIMUM_AREA_FRACTIONS) <= set(ENTRIES)
