"""The tables of permitted moves: nothing leaves an end, every end can be reached, refusals say why."""

from __future__ import annotations

import pytest

from app.core.errors import Conflict
from app.models import AnalysisStatus, JobStatus
from app.services.transitions import (
    ANALYSIS_CLOSED,
    ANALYSIS_MOVES,
    JOB_MOVES,
    JOB_OPEN,
    AnalysisMove,
    JobMove,
    analysis_after,
    job_after,
    job_sources,
)


def test_no_move_leaves_a_closed_analysis():
    assert not {source for source, _ in ANALYSIS_MOVES} & ANALYSIS_CLOSED


def test_every_status_of_an_analysis_is_reached_by_a_move_or_is_where_it_starts():
    reached = set(ANALYSIS_MOVES.values()) | {AnalysisStatus.QUEUED, AnalysisStatus.ESTIMATING}
    assert reached == set(AnalysisStatus)


def test_every_open_job_can_be_cancelled_and_no_closed_one():
    assert set(job_sources(JobMove.CANCEL)) == {status.value for status in JOB_OPEN}


def test_every_job_status_is_reached():
    assert set(JOB_MOVES.values()) == set(JobStatus)


def test_a_dead_job_moves_only_when_someone_retries_it():
    assert [move for status, move in JOB_MOVES if status is JobStatus.DEAD] == [JobMove.RETRY]


def test_a_move_that_is_not_permitted_says_why():
    with pytest.raises(Conflict, match="This analysis is completed, so it cannot be paused"):
        analysis_after("completed", AnalysisMove.PAUSE)
    with pytest.raises(Conflict, match="This job is succeeded"):
        job_after("succeeded", JobMove.CLAIM)
