from dataclasses import replace

import numpy as np

from service.domain.measurement import Measurement
from service.encoders.overlay_panel import Entry, draw_panel, measurement_value
from tests.phantoms import phantom_analysis, without_measurements

WIDTH, RATIO, _ = phantom_analysis().measurements


def with_value(measurement: Measurement, value: float) -> Measurement:
    return replace(measurement, value=value)


def test_a_ratio_has_two_decimals_and_no_unit() -> None:
    assert measurement_value(with_value(RATIO, 0.4949)) == "Cardiothoracic ratio: 0.49"


def test_a_length_has_whole_millimetres() -> None:
    assert measurement_value(with_value(WIDTH, 143.6)).endswith("diameter: 144 mm")


def test_a_refusal_gives_its_reason() -> None:
    refused = without_measurements(phantom_analysis(), "the lungs are cut off").measurements[1]

    assert (
        measurement_value(refused) == "Cardiothoracic ratio: not measured (the lungs are cut off)"
    )


def test_the_panel_has_the_film_s_width_and_every_colour() -> None:
    colours = [(200, 10 * i, 0) for i in range(9)]
    legend = [Entry(colour, f"Structure {i}") for i, colour in enumerate(colours)]

    panel = draw_panel(1000, 10, [Entry(None, "Ratio: 0.5")], legend, "footer")

    assert panel.shape[1:] == (1000, 3)
    seen = {tuple(int(v) for v in pixel) for pixel in np.unique(panel.reshape(-1, 3), axis=0)}
    assert set(colours) <= seen


def test_no_label_runs_out_of_the_panel() -> None:
    """The last columns of the panel hold nothing but background."""
    legend = [Entry((200, 0, 0), f"A structure with quite a long name {i}") for i in range(7)]

    panel = draw_panel(1000, 10, [], legend, "")

    assert (panel[:, -10:] == panel[0, -1]).all()


def test_a_narrow_film_gets_a_panel_too() -> None:
    panel = draw_panel(60, 9, [], [Entry((1, 2, 3), "Heart")], "footer")

    assert panel.shape[1] == 60
