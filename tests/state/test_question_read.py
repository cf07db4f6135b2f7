"""Whether a result says that the question changed nothing."""

import pytest

from app.services.contract import DEFAULT_QUESTION, ResultsView
from state.analysis_summary import summary
from tests.state import views


@pytest.mark.parametrize(("read", "unread"), [(False, True), (True, False), (None, False)])
def test_only_a_result_of_the_local_engine_says_that_no_question_was_read(read: bool | None, unread: bool) -> None:
    view = views.analysis_view("completed", results=ResultsView(items=5, question_read=read))

    shown = summary(view, [])

    assert shown.question_unread is unread
    assert shown.ask_href == f"/analyses/{view.id}/ask"


@pytest.mark.parametrize(("question", "written"), [(DEFAULT_QUESTION, False), ("Which gear do people miss?", True)])
def test_a_question_that_nobody_wrote_is_not_called_theirs(question: str, written: bool) -> None:
    view = views.analysis_view("completed")
    asked = view.model_copy(update={"request": view.request.model_copy(update={"question": question})})

    assert summary(asked, []).question_written is written
