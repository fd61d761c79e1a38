from dataclasses import replace

import pytest
from pydicom.dataset import Dataset

from service.domain.analysis import Analysis
from service.domain.prior import Relation
from service.encoders.sr_comparison import change_of, comparison
from tests.phantoms import phantom_analysis
from tests.reports import (
    PRIOR_REFERENCE,
    codes_of,
    detailed,
    every_item,
    name_of,
    number_of,
    numbers_below,
)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return detailed(phantom_analysis())


def compared(analysis: Analysis) -> Dataset:
    (sentence,) = comparison(analysis.measurements[0], analysis)
    return sentence


def test_the_prior_value_the_difference_and_its_limit_are_told_in_numbers(
    analysis: Analysis,
) -> None:
    now = analysis.measurements[0].value or 0

    assert numbers_below(compared(analysis)) == pytest.approx(
        {
            "Value on the prior image": 0.9 * now,
            "Difference from the prior image": 0.1 * now,
            "Smallest difference beyond repetition": 0.05 * now,
        },
        abs=1e-4,
    )
    assert codes_of(compared(analysis)) == {"Change since the prior image": "Increased"}


def test_the_prior_value_says_when_and_where_it_was_taken(analysis: Analysis) -> None:
    below = {name_of(item): item for item in every_item(compared(analysis))}

    assert f"{below['Acquisition Date'].Date:%Y%m%d}" == "20190131"
    image = below["Prior image"].ReferencedSOPSequence[0]
    assert image.ReferencedSOPInstanceUID == PRIOR_REFERENCE.sop_instance_uid
    assert number_of(below["Value on the prior image"]) > 0


def test_a_person_reads_it_in_one_sentence(analysis: Analysis) -> None:
    change = replace(analysis.changes[0], before=100.0, now=110.0, difference=10.0, threshold=4.0)

    said = compared(replace(analysis, changes=(change,))).TextValue

    assert said == (
        "100 mm on the prior image of 2019-01-31, difference +10 mm: "
        "larger (repetition alone gives up to 4 mm)"
    )


def test_nothing_is_claimed_without_a_known_repeatability(analysis: Analysis) -> None:
    change = replace(analysis.changes[0], threshold=None, relation=None)

    told = compared(replace(analysis, changes=(change,)))

    assert codes_of(told) == {}
    assert "Smallest difference beyond repetition" not in numbers_below(told)
    assert told.TextValue.endswith("whether that is more than repetition is not known")


@pytest.mark.parametrize(
    ("relation", "code"),
    [
        (Relation.LARGER, "Increased"),
        (Relation.SMALLER, "Decreased"),
        (Relation.NO_CHANGE, "No change"),
    ],
)
def test_each_relation_has_its_code(analysis: Analysis, relation: Relation, code: str) -> None:
    change = replace(analysis.changes[0], relation=relation)

    assert list(codes_of(compared(replace(analysis, changes=(change,)))).values()) == [code]


@pytest.mark.parametrize("acquired", ["", "a-hash-1", "20190631", "2019-W01"])
def test_a_prior_without_a_date_is_compared_all_the_same(analysis: Analysis, acquired: str) -> None:
    assert analysis.prior is not None
    undated = replace(analysis, prior=replace(analysis.prior, acquired=acquired))

    told = compared(undated)

    assert "Acquisition Date" not in {name_of(item) for item in every_item(told)}
    assert " on the prior image, difference" in told.TextValue


def test_what_the_prior_did_not_have_is_not_compared(analysis: Analysis) -> None:
    assert change_of(analysis.measurements[0], replace(analysis, changes=())) is None
    assert list(comparison(analysis.measurements[0], replace(analysis, prior=None))) == []
