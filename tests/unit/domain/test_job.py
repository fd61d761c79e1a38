"""The moves that a job may make."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.job import TRANSITIONS, JobState, checked_transition
from service.errors import IllegalTransition


def test_exactly_four_states_are_final() -> None:
    final = {state for state in JobState if state.is_final}

    assert final == {JobState.DONE, JobState.SKIPPED, JobState.REJECTED, JobState.DEAD}


@given(st.sampled_from(JobState), st.sampled_from(JobState))
def test_a_move_is_allowed_exactly_when_the_table_has_it(before: JobState, after: JobState) -> None:
    if after in TRANSITIONS[before]:
        assert checked_transition(before, after) is after
    else:
        with pytest.raises(IllegalTransition):
            checked_transition(before, after)


def test_only_from_dead_is_there_a_way_back() -> None:
    leave = {state for state in JobState if state.is_final and TRANSITIONS[state]}

    assert leave == {JobState.DEAD}
    assert TRANSITIONS[JobState.DEAD] == {JobState.QUEUED, JobState.DELIVERING}


def test_every_state_leads_to_a_final_one() -> None:
    def reaches_end(state: JobState, seen: frozenset[JobState]) -> bool:
        return state.is_final or any(
            reaches_end(after, seen | {state}) for after in TRANSITIONS[state] - seen
        )

    assert all(reaches_end(state, frozenset()) for state in JobState)
