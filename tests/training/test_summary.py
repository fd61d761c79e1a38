"""What a run says at its end."""

from training.summary import Summary


def test_remarks_stand_below_the_failures_a_line_each() -> None:
    items = {
        "anna": {"remarks": ["heart: shape filter: volume_ml 12 is outside 200 to 1800", "b"]},
        "bert": {"failed": "too many organs", "remarks": ["heart: too small"]},
        "carl": {"remarks": []},
    }

    told = Summary.of("label", list(items), ["anna", "bert"], items, {"dora": {"reason": "gone"}})

    assert told.as_text().splitlines() == [
        "label: 1 done, 1 skipped, 2 failed",
        "  bert: too many organs",
        "  dora: gone",
        "  anna: heart: shape filter: volume_ml 12 is outside 200 to 1800",
        "  anna: b",
    ]
