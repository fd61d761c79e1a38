"""The allow-list: what is not listed cannot be printed, whatever it is."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset

from service.domain.job import JobState
from service.telemetry.metrics import REGISTRY
from service.telemetry.redaction import ALLOWED_KEYS, MAXIMUM_TEXT, keyed_hash, printable, redact

SENTINEL = "SENTINEL^PATIENT"


def dropped_so_far() -> float:
    return REGISTRY.get_sample_value("thorax_log_fields_dropped_total") or 0.0


def redacted(**fields: object) -> dict[str, Any]:
    return redact(None, "info", dict(fields))


@given(
    st.dictionaries(
        st.text(min_size=1).filter(lambda key: key not in ALLOWED_KEYS),
        st.text().map(lambda text: SENTINEL + text) | st.just([SENTINEL]) | st.just({1: SENTINEL}),
    )
)
def test_no_value_of_an_unlisted_key_is_printed(unlisted: dict[str, Any]) -> None:
    line = json.dumps(redact(None, "info", {"event": "instance_accepted", **unlisted}))

    assert SENTINEL not in line
    assert json.loads(line).get("dropped", 0) == len(unlisted)


@given(st.sampled_from(sorted(ALLOWED_KEYS - {"event"})), st.text())
def test_text_of_a_listed_key_stays_on_one_short_line(key: str, text: str) -> None:
    value = redacted(event="instance_accepted", **{key: text})[key]

    assert value.isprintable()
    assert len(value) <= MAXIMUM_TEXT * len(ascii("\U0010ffff")) + 1


@pytest.mark.parametrize(
    "value",
    [Dataset(), ValueError(SENTINEL), [SENTINEL], {"a": SENTINEL}, SENTINEL.encode(), np.zeros(3)],
    ids=lambda value: type(value).__name__,
)
def test_anything_but_numbers_and_text_is_printed_as_its_type(value: object) -> None:
    assert printable(value) == f"<{type(value).__name__}>"


def test_an_event_that_is_a_sentence_is_not_printed() -> None:
    line = redacted(event=f"stored the image of {SENTINEL}")

    assert line == {"event": "unnamed_event"}


def test_a_state_is_printed_by_its_value() -> None:
    assert redacted(event="job_ended", state=JobState.DONE)["state"] == "done"


def test_dropped_fields_are_counted() -> None:
    before = dropped_so_far()

    redacted(event="instance_accepted", patient_name=SENTINEL, patient_id=SENTINEL)

    assert dropped_so_far() - before == 2


@pytest.mark.parametrize("word", ["patient", "uid", "path", "name", "accession", "institution"])
def test_no_listed_key_is_made_for_an_identifier(word: str) -> None:
    allowed_with_that_word = {
        "name": {"model_name"},
        "uid": {"sop_class_uid", "transfer_syntax_uid"},
    }

    found = {key for key in ALLOWED_KEYS if word in key}

    assert found == allowed_with_that_word.get(word, set())


def test_a_keyed_hash_is_stable_under_one_key_and_different_under_another() -> None:
    uid = "1.2.840.10008.1.2"

    assert keyed_hash(b"one", uid) == keyed_hash(b"one", uid)
    assert keyed_hash(b"one", uid) != keyed_hash(b"two", uid)
    assert uid not in keyed_hash(b"one", uid)
