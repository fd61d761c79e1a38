from dataclasses import replace

from service.domain.analysis import Analysis
from service.domain.measurement import Measurement, NormalRange
from service.domain.prior import Change, Relation
from service.encoders.drawn import (
    MOST_MAIN_LINES,
    change_of,
    drawn_aids,
    drawn_lines,
    is_remarkable,
    measured_segments,
    shown_segments,
)
from tests.phantoms import phantom_analysis, without_measurements

ANALYSIS = phantom_analysis()
USUAL = NormalRange(0.0, 1000.0, "adults", "a source")
NARROW = NormalRange(0.0, 1.0, "adults", "a source")


def with_others(count: int, **keywords: object) -> Analysis:
    """Return the phantom with `count` further measurements, each with a line of its own."""
    width = ANALYSIS.measurements[0]
    others = (replace(width, key=f"other_{i}", drawn_with=None, **keywords) for i in range(count))  # type: ignore[arg-type]
    return replace(ANALYSIS, measurements=(*others, *ANALYSIS.measurements))


def keys(analysis: Analysis, *, main: bool) -> list[str]:
    return [line.measurement.key for line in drawn_lines(analysis) if line.is_main is main]


def first() -> Measurement:
    return ANALYSIS.measurements[0]


def test_a_ratio_is_read_from_the_line_that_it_names() -> None:
    heart, thorax = drawn_lines(ANALYSIS)

    assert [m.key for m in heart.shown] == ["cardiac_width", "cardiothoracic_ratio"]
    assert [m.key for m in thorax.shown] == ["thoracic_width"]


def test_the_lines_that_a_reader_looks_for_are_the_main_ones() -> None:
    analysis = with_others(20)

    assert keys(analysis, main=True) == ["cardiac_width", "thoracic_width"]
    assert len(keys(analysis, main=False)) == 20


def test_lines_are_numbered_from_one_the_main_ones_first() -> None:
    lines = drawn_lines(with_others(3))

    assert [line.number for line in lines] == [1, 2, 3, 4, 5]
    assert [line.is_main for line in lines] == [True, True, False, False, False]


def test_what_lies_outside_its_normal_range_is_a_main_line() -> None:
    assert "other_0" in keys(with_others(1, normal=NARROW), main=True)
    assert "other_0" not in keys(with_others(1, normal=USUAL), main=True)


def test_there_are_few_main_lines_however_odd_the_film_is() -> None:
    assert len(keys(with_others(20, normal=NARROW), main=True)) == MOST_MAIN_LINES


def test_a_line_of_construction_is_drawn_once_and_not_where_a_measured_line_is() -> None:
    width, ratio, thorax = ANALYSIS.measurements
    midline = ((0.0, 50.0), (90.0, 50.0))
    aided = (
        replace(width, aids=(midline,)),
        replace(ratio, aids=(midline, thorax.points)),
        thorax,
    )

    lines = drawn_lines(replace(ANALYSIS, measurements=aided))

    assert list(drawn_aids(lines)) == [(midline, lines[0].colour)]


def test_a_closed_line_is_an_outline_and_an_angle_is_none() -> None:
    square = ((0.0, 0.0), (0.0, 9.0), (9.0, 9.0), (9.0, 0.0), (0.0, 0.0))
    closed = replace(first(), points=square)
    angle = replace(first(), points=square[:3])

    assert [
        drawn_lines(replace(ANALYSIS, measurements=(each,)))[0].is_outline
        for each in (closed, angle)
    ] == [True, False]


def test_main_lines_have_different_colours() -> None:
    lines = [line for line in drawn_lines(with_others(20, normal=NARROW)) if line.is_main]

    assert len({line.colour for line in lines}) == len(lines)


def test_a_change_beyond_repeatability_is_remarkable_and_another_is_not() -> None:
    changed = Change("cardiac_width", 100.0, 130.0, 30.0, 5.0, Relation.LARGER)
    unchanged = replace(changed, relation=Relation.NO_CHANGE)

    assert is_remarkable(first(), replace(ANALYSIS, changes=(changed,)))
    assert not is_remarkable(first(), replace(ANALYSIS, changes=(unchanged,)))
    assert change_of(replace(ANALYSIS, changes=(changed,)), "cardiac_width") is changed
    assert change_of(ANALYSIS, "cardiac_width") is None


def test_what_was_not_measured_has_no_line_and_is_not_remarkable() -> None:
    refused = without_measurements(ANALYSIS)

    assert drawn_lines(refused) == ()
    assert not any(is_remarkable(m, refused) for m in refused.measurements)


def test_a_lung_is_left_out_where_its_field_is_shown() -> None:
    shown = [segment.key for segment in shown_segments(ANALYSIS)]

    assert shown == ["right_lung_field", "left_lung_field", "heart", "clavicle_right", "trachea"]


def test_of_what_is_neither_clinical_nor_measured_there_is_no_outline() -> None:
    """A model that finds each rib would cover the film with outlines."""
    segmentation = ANALYSIS.segmentation
    *others, last = segmentation.segments
    rib = replace(segmentation, segments=(*others, replace(last, key="rib_right_5")))
    without = replace(ANALYSIS, segmentation=rib)
    first, *measurements = ANALYSIS.measurements
    on_it = replace(first, segments=("rib_right_5",))

    assert "rib_right_5" not in [s.key for s in shown_segments(without)]
    measured = replace(without, measurements=(on_it, *measurements))
    assert "rib_right_5" in [s.key for s in shown_segments(measured)]


def test_firm_is_what_was_measured_on_or_everything_when_nothing_was() -> None:
    assert measured_segments(ANALYSIS) == {"heart", "right_lung_field", "left_lung_field"}
    assert len(measured_segments(without_measurements(ANALYSIS))) == 8
