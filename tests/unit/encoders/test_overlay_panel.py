import numpy as np
import pytest

from service.encoders.overlay_panel import BACKGROUND, Entry, Section, draw_panel

FOOTER = Section([Entry(None, "footer")])


def colours_of(panel: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(int(v) for v in pixel) for pixel in np.unique(panel.reshape(-1, 3), axis=0)}


def test_the_panel_has_the_film_s_width_and_every_colour() -> None:
    colours = [(200, 10 * i, 0) for i in range(9)]
    legend = Section([Entry(c, f"Structure {i}") for i, c in enumerate(colours)], 5)

    panel = draw_panel(1000, 10, [Section([Entry(None, "Ratio 0.5")]), legend, FOOTER])

    assert panel.shape[1:] == (1000, 3)
    assert set(colours) <= colours_of(panel)


@pytest.mark.parametrize("columns", [1, 2, 5])
def test_no_text_runs_out_of_the_panel(columns: int) -> None:
    """The last columns of the panel hold nothing but background."""
    long = [Entry((200, 0, 0), f"A structure with quite a long name {i} " * 3) for i in range(7)]

    panel = draw_panel(1000, 10, [Section(long, columns)])

    assert (panel[:, -10:] == BACKGROUND).all()


def test_two_columns_are_lower_than_one() -> None:
    entries = [Entry((200, 0, 0), f"Measurement {i} 100 mm") for i in range(20)]

    heights = [draw_panel(1000, 10, [Section(entries, columns)]).shape[0] for columns in (1, 2)]

    assert heights[1] < 0.6 * heights[0]


def test_a_text_that_is_too_long_goes_on_in_the_next_line() -> None:
    short, long = "word", "word " * 60

    heights = [
        draw_panel(500, 10, [Section([Entry(None, text)])]).shape[0] for text in (short, long)
    ]

    assert heights[1] > 3 * heights[0]


def test_every_swatch_of_every_column_is_drawn() -> None:
    """Texts of different lengths do not push an entry out of the last column."""
    colours = [(10 + i, 100, 200) for i in range(23)]
    entries = [Entry(c, "long words " * (i % 4 + 1)) for i, c in enumerate(colours)]

    panel = draw_panel(700, 9, [Section(entries, 2)])

    assert set(colours) <= colours_of(panel)


def test_a_section_without_entries_takes_no_room() -> None:
    with_empty = draw_panel(300, 9, [Section([]), FOOTER])

    assert with_empty.shape == draw_panel(300, 9, [FOOTER]).shape


def test_a_narrow_film_gets_a_panel_too() -> None:
    panel = draw_panel(60, 9, [Section([Entry((1, 2, 3), "Heart")], 5), FOOTER])

    assert panel.shape[1] == 60
