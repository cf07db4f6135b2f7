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
    job_target,
)


def test_a_closed_analysis_moves_only_when_a_job_that_was_given_up_is_tried_again():
    assert {move for source, move in ANALYSIS_MOVES if source in ANALYSIS_CLOSED} == {AnalysisMove.REVIVE}
    assert {source for source, move in ANALYSIS_MOVES if move is AnalysisMove.REVIVE} == {"failed", "partial"}


def test_every_status_of_an_analysis_is_reached_by_a_move_or_is_where_it_starts():
    reached = set(ANALYSIS_MOVES.values()) | {AnalysisStatus.QUEUED, AnalysisStatus.ESTIMATING}
    assert reached == set(AnalysisStatus)


def test_every_open_job_can_be_cancelled_and_no_closed_one():
    assert set(job_sources(JobMove.CANCEL)) == {status.value for status in JOB_OPEN}


def test_every_job_status_is_reached():
    assert set(JOB_MOVES.values()) == set(JobStatus)


def test_a_dead_job_moves_only_when_someone_retries_it_or_its_stage_begins_anew():
    assert {move for status, move in JOB_MOVES if status is JobStatus.DEAD} == {JobMove.RETRY, JobMove.REPEAT}


@pytest.mark.parametrize("move", JobMove)
def test_each_move_of_a_job_leads_to_one_status_so_that_many_can_be_moved_at_once(move: JobMove):
    assert {JOB_MOVES[JobStatus(source), move] for source in job_sources(move)} == {job_target(move)}


def test_a_move_that_is_not_permitted_says_why():
    with pytest.raises(Conflict, match="This analysis is completed, so it cannot be paused"):
        analysis_after("completed", AnalysisMove.PAUSE)
    with pytest.raises(Conflict, match="This job is succeeded"):
        job_after("succeeded", JobMove.CLAIM)
