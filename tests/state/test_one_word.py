"""What was given up is called so wherever people read; "dead letter" is a word of the machinery."""

from __future__ import annotations

import re

import pytest

from app.services.audit_words import ACTS
from components.marks import JOB_LOOKS
from state import analysis_jobs, operations, operations_bulk

OTHER_WORDS = re.compile(r"\bdead\b", re.IGNORECASE)


@pytest.mark.parametrize(
    "said",
    [
        *(look.word for look in JOB_LOOKS.values()),
        *operations.STATE_WORDS.values(),
        *operations_bulk.ASKS.values(),
        *analysis_jobs.QUESTIONS.values(),
        *(act.words for act in ACTS.values()),
    ],
)
def test_no_page_speaks_of_the_dead(said: str) -> None:
    assert not OTHER_WORDS.search(said)


def test_the_state_is_named_as_the_list_of_jobs_in_it() -> None:
    assert JOB_LOOKS["dead"].word == operations.STATE_WORDS["dead"] == "Given up"
