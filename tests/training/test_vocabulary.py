from service.anatomy.structures import structures_by_key
from service.inference.manifest import Pieces, read_package
from tests.peers import REPOSITORY
from training.channels import CHANNELS, TRAINED_KEYS, UNIONS
from training.vocabulary import labels, with_unions


def test_sides_are_the_words_of_the_key() -> None:
    chambers = "heart_"  # the left atrium is no atrium of the left side
    for label in labels([key for key in TRAINED_KEYS if not key.startswith(chambers)], {}):
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


def test_sizes_and_pieces_are_those_of_the_anatomy_table() -> None:
    table = structures_by_key()
    for label in labels(TRAINED_KEYS, {}):
        assert label.minimum_area_fraction == table[label.key].smallest
        assert (label.pieces is Pieces.ONE) == table[label.key].is_one_piece


def test_no_union_is_one_piece() -> None:
    """A part of it that is small beside the largest is no speck."""
    assert not any(structures_by_key()[union.key].is_one_piece for union in UNIONS)


def test_the_first_models_channels_keep_the_sizes_that_it_states() -> None:
    package = read_package(REPOSITORY / "models" / "cxr-anatomy-frontal" / "0.1.0")
    stated = {label.key: label.minimum_area_fraction for label in package.labels}
    assert stated == {key: structures_by_key()[key].smallest for key in stated}
