from service.anatomy.structures import structures_by_key
from training.channels import (
    CHANNELS,
    TRAINED,
    UNIONS,
    Kind,
    trained_index,
    with_wholes,
)

WITHOUT_A_CHANNEL = {"right_hilum", "left_hilum"}


def test_every_structure_of_the_anatomy_table_has_a_channel_but_the_hila() -> None:
    assert set(structures_by_key()) - {c.key for c in CHANNELS} == WITHOUT_A_CHANNEL


def test_every_label_of_the_cxas_vocabulary_has_a_channel() -> None:
    named = {key for key, structure in structures_by_key().items() if structure.cxas_name}
    assert len(named) == 159
    assert named <= {c.key for c in CHANNELS}


def test_projected_channels_sum_structures_of_one_layer_from_a_positive_path_on() -> None:
    for channel in TRAINED:
        if channel.kind is Kind.PROJECTED:
            assert channel.layer is not None
            assert channel.key in channel.parts
            assert channel.minimum_path_mm > 0


def test_unions_join_channels_that_are_taught() -> None:
    for union in UNIONS:
        assert len(union.parts) > 1
        assert [trained_index(part) >= 0 for part in union.parts]


def test_a_whole_is_known_when_all_its_parts_are() -> None:
    lobes = {"lung_upper_lobe_left", "lung_lower_lobe_left"}
    assert "left_lung" in with_wholes(lobes)
    assert "left_lung" not in with_wholes({"lung_upper_lobe_left"})
    assert with_wholes({"left_lung"}) == {"left_lung"}


def test_wholes_of_wholes_are_found() -> None:
    vertebrae = {key for key in structures_by_key() if key.startswith("vertebra_")}
    assert {"cervical_spine", "lumbar_spine", "spine"} <= with_wholes(vertebrae)
