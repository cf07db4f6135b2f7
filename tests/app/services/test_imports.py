"""Files on both databases: whose they are, what is swept, what one analysis fixes of them."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlmodel import col, func, select, update

from app.core import clock
from app.core.errors import Conflict, InvalidInput, NotFound
from app.models import AuditEvent, FileImport, ImportBlock, ImportStatus
from app.services.contract import AnalysisRequest, SourceRequest
from app.services.imports import library, receiving, shelf
from app.services.imports.shelf import WorkspaceShelf
from integrations.files.mapping import Mapping

pytestmark = pytest.mark.anyio

LINES = [
    f"{number},I wish that sync number {number} worked,u{number % 9},2026-10-{1 + number % 28:02}"
    for number in range(1200)
]
TALK = "\n".join(
    ["id,text,author,date", *LINES, "1,an id that comes again,x,2026-10-01", "9999,,x,2026-10-01"]
).encode()


def bring(database, actor, data: bytes = TALK, name: str = "talk.csv") -> str:
    return receiving.take(database, actor, io.BytesIO(data), name, len(data))


def view(database, actor, identifier: str):
    with database.read() as session:
        return library.view(session, actor, identifier)


async def test_every_row_is_stored_in_blocks_and_accounted_for(database, workspace_actor):
    identifier = bring(database, workspace_actor)
    found = view(database, workspace_actor, identifier)
    assert (found.rows, found.report.comments, found.status) == (1202, 1200, "ready")
    assert found.report.rejected == {"its id stands in an earlier row": 1, "there is no text": 1}
    assert sum(found.report.days.values()) == 1200
    own = WorkspaceShelf(workspace_actor.workspace_id)
    facts = await own.facts(identifier)
    assert (facts.rows, facts.blocks, facts.title) == (1200, 3, "talk.csv")
    rows = [row for number in range(3) for row in await own.block(identifier, number)]
    assert [row[0] for row in rows] == list(range(2, 1204))
    assert await own.block(identifier, 3) is None


async def test_another_workspace_finds_nothing(database, workspace_actor, other_actor):
    identifier = bring(database, workspace_actor)
    theirs = WorkspaceShelf(other_actor.workspace_id)
    assert await theirs.facts(identifier) is None
    assert await theirs.block(identifier, 0) is None
    with database.write() as session:
        for call in (library.view, library.preview, library.remove):
            with pytest.raises(NotFound):
                call(session, other_actor, identifier)
        with pytest.raises(NotFound):
            library.set_mapping(session, other_actor, identifier, Mapping(text="text"))
        assert library.rows(session, other_actor).rows == []
    for call in (library.check, lambda *given: next(library.rejected_csv(*given))):
        with pytest.raises(NotFound):
            call(database, other_actor, identifier)


async def test_what_one_workspace_said_of_its_columns_is_not_offered_to_another(database, workspace_actor, other_actor):
    identifier = bring(database, workspace_actor)
    with database.write() as session:
        library.set_mapping(session, workspace_actor, identifier, Mapping(text="author"))
    assert view(database, workspace_actor, bring(database, workspace_actor)).mapping == Mapping(text="author")
    assert view(database, other_actor, bring(database, other_actor)).mapping.text == "text"


async def test_an_interrupted_import_is_swept_after_a_day_and_a_ready_one_is_not(database, workspace_actor):
    kept, young, old = (bring(database, workspace_actor) for _ in range(3))
    with database.write() as session:
        session.exec(update(FileImport).where(col(FileImport.id).in_([young, old])).values(status=ImportStatus.READING))
        session.exec(
            update(FileImport)
            .where(col(FileImport.id).in_([kept, old]))
            .values(created_at=clock.now() - timedelta(hours=25))
        )
    assert await WorkspaceShelf(workspace_actor.workspace_id).facts(young) is None
    with pytest.raises(InvalidInput, match="still being read"), database.write() as session:
        shelf.settle(session, workspace_actor, wanted(young))
    with database.write() as session:
        library.sweep_unfinished(session)
    with database.read() as session:
        assert set(session.exec(select(FileImport.id))) == {kept, young}
        assert session.exec(select(func.count()).where(ImportBlock.import_id == old)).one() == 0


def wanted(identifier: str) -> AnalysisRequest:
    return AnalysisRequest(sources=[SourceRequest(provider="file", query={"id": identifier})])


async def test_a_deleted_file_takes_its_rows_with_it_and_is_written_down(database, workspace_actor):
    identifier = bring(database, workspace_actor)
    with database.write() as session:
        library.remove(session, workspace_actor, identifier)
    with database.read() as session:
        assert session.exec(select(func.count()).select_from(ImportBlock)).one() == 0
        actions = session.exec(select(AuditEvent.action).where(AuditEvent.subject == identifier)).all()
    assert sorted(actions) == ["import:create", "import:delete"]


async def test_a_file_that_is_none_leaves_nothing(database, workspace_actor):
    broken = b"[" + b",".join(b'{"text": "x"}' for _ in range(1200)) + b', {"te'
    for data in (b"", b"PK\x03\x04", b"text\n", broken):
        with pytest.raises(InvalidInput):
            bring(database, workspace_actor, data)
    with database.read() as session:
        assert session.exec(select(func.count()).select_from(FileImport)).one() == 0
        assert session.exec(select(func.count()).select_from(ImportBlock)).one() == 0


async def test_a_workspace_holds_only_so_many(database, workspace_actor, monkeypatch):
    monkeypatch.setattr(receiving, "MAX_IMPORTS", 2)
    for _ in range(2):
        bring(database, workspace_actor)
    with pytest.raises(Conflict, match="delete one"):
        bring(database, workspace_actor)


async def test_a_report_of_an_older_mapping_is_not_kept(database, workspace_actor, monkeypatch):
    identifier = bring(database, workspace_actor)
    with database.write() as session:
        library.set_mapping(session, workspace_actor, identifier, Mapping(text="author"))
    report = library.checking.report

    def changed_meanwhile(*given):
        with database.write() as session:
            library.set_mapping(session, workspace_actor, identifier, Mapping(text="text"))
        return report(*given)

    monkeypatch.setattr(library.checking, "report", changed_meanwhile)
    assert library.check(database, workspace_actor, identifier) is None
    monkeypatch.undo()
    assert library.check(database, workspace_actor, identifier).comments == 1201


async def test_missing_parents_are_said(database, workspace_actor):
    data = b"id,text,parent_id\n1,a,\n2,b,1\n3,c,77\n4,d,77\n"
    report = view(database, workspace_actor, bring(database, workspace_actor, data)).report
    assert report.missing_parents == 2
    assert "2 of 3 replies answer a comment that is not in the file." in report.notes


async def test_likes_that_are_no_numbers_are_counted_with_an_example(database, workspace_actor):
    counted = "".join(f"{number},comment {number},{number}\n" for number in range(20))
    data = f"id,text,likes\n{counted}30,a,n/a\n31,b,\n32,d,unknown\n".encode()
    identifier = bring(database, workspace_actor, data)
    report = view(database, workspace_actor, identifier).report
    assert report.comments == 23
    said = "2 rows: likes were not numbers that can be read, for example \N{LEFT DOUBLE QUOTATION MARK}n/a"
    assert [note for note in report.notes if note.startswith(said)]
