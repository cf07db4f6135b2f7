"""Questions asked of an analysis, answered from its stored items."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.api.caller import Caller
from app.api.v1.rows import AnalysisId, Cursor, Limit, QuestionId, Rows, faults
from app.core import edge
from app.services import asking, questions
from app.services.question_shapes import AgainRequest, QuestionEdit, QuestionRequest, QuestionRow, QuestionView

router = APIRouter(tags=["questions"])


@router.post("/analyses/{analysis_id}/questions", status_code=201, responses=faults(404, 409, 429))
async def ask_question(
    analysis_id: AnalysisId, wanted: QuestionRequest, actor: Caller, response: Response
) -> QuestionView:
    """Answer a question from the items of one analysis, each sentence cited; or say that it is not in the data."""
    identifier = await edge.with_database(asking.ask, actor, analysis_id, wanted)
    response.headers["location"] = f"/api/v1/questions/{identifier}"
    return await edge.read(questions.view, actor, identifier)


@router.get("/analyses/{analysis_id}/questions", responses=faults(404))
async def list_questions(
    analysis_id: AnalysisId, actor: Caller, cursor: Cursor = None, limit: Limit = 50
) -> Rows[QuestionRow]:
    """List the questions asked of one analysis, newest first."""
    return Rows.of(await edge.read(questions.rows, actor, analysis_id, cursor=cursor, limit=limit))


@router.get("/questions/saved", responses=faults())
async def list_saved_questions(actor: Caller) -> Rows[QuestionRow]:
    """List the workspace's saved questions, of whatever analysis, by name."""
    return Rows(rows=await edge.read(questions.saved, actor))


@router.get("/questions/{question_id}", responses=faults(404))
async def get_question(question_id: QuestionId, actor: Caller) -> QuestionView:
    """Give one question with its answer; while `status` is `asking`, a better answer is under way."""
    return await edge.read(questions.view, actor, question_id)


@router.patch("/questions/{question_id}", responses=faults(404, 409))
async def save_question(question_id: QuestionId, wanted: QuestionEdit, actor: Caller) -> QuestionView:
    """Save a question under a name, or no longer (null)."""
    await edge.write(questions.save, actor, question_id, wanted.saved_as)
    return await edge.read(questions.view, actor, question_id)


@router.post("/questions/{question_id}/again", status_code=201, responses=faults(404, 409, 429))
async def ask_again(question_id: QuestionId, wanted: AgainRequest, actor: Caller, response: Response) -> QuestionView:
    """Ask a question again, of its own or of another analysis; the answer says what is other than before."""
    identifier = await edge.with_database(asking.again, actor, question_id, wanted.analysis_id)
    response.headers["location"] = f"/api/v1/questions/{identifier}"
    return await edge.read(questions.view, actor, identifier)


@router.delete("/questions/{question_id}", status_code=204, responses=faults(404))
async def delete_question(question_id: QuestionId, actor: Caller) -> None:
    """Delete a question and its answer."""
    await edge.write(questions.remove, actor, question_id)
