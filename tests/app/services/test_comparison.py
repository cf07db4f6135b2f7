"""What changed between two analyses, and why, through the real stages. On both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from app.core.clock import now
from app.core.db import Database
from app.core.errors import InvalidInput, NotFound
from app.core.ids import new_id
from app.models import (
    Analysis,
    AnalysisStatus,
    CostEntry,
    Item,
    ItemScore,
    Job,
    ModelAnswer,
    Opportunity,
    Reservation,
    Topic,
)
from app.services import analyses, comparison
from app.services.access import Actor
from app.services.contract import AnalysisRequest
from tests.app.services.asked_again import analysed, reworded, talk
from tests.factories import MOMENT, wanted


def compare(database: Database, actor: Actor, before: str, after: str):
    with database.read() as session:
        return comparison.compare(session, actor, before, after)


def same_request(database: Database, analysis_id: str) -> AnalysisRequest:
    with database.read() as session:
        return AnalysisRequest.model_validate(session.get_one(Analysis, analysis_id).request)


@pytest.fixture
def rows():
    return talk()


@pytest.fixture
def first(database: Database, workspace_actor: Actor, rows) -> str:
    return analysed(database, workspace_actor, rows)


def test_an_analysis_compared_with_itself_says_that_nothing_changed(
    database: Database, workspace_actor: Actor, first: str
):
    found = compare(database, workspace_actor, first, first)
    assert found.unchanged
    assert found.topics
    assert found.opportunities
    assert {each.change for each in (*found.topics, *found.opportunities)} == {"same"}
    assert found.settings == found.versions == []
    assert "one analysis twice" in found.warnings[0]
    assert found.sentences[0].startswith("Nothing changed")


def test_the_same_again_gives_the_same_manifest_and_nothing_changed(
    database: Database, workspace_actor: Actor, first: str, rows
):
    again = analysed(
        database, workspace_actor, rows, rerun_of=first, request=same_request(database, first), asked_at=MOMENT
    )
    found = compare(database, workspace_actor, first, again)
    assert found.unchanged
    assert found.warnings == []
    assert found.before.manifest_sha256 == found.after.manifest_sha256 is not None
    assert found.after.rerun_of == first


@pytest.fixture
def later(database: Database, workspace_actor: Actor, rows):
    """Give two runs: the later one lost the oldest 60 items by its range, gained the newest 80, and two were edited."""
    edge, asked_at = rows[60]["posted_at"], rows[-80]["posted_at"]
    before = analysed(database, workspace_actor, rows[:-80], asked_at=asked_at - timedelta(seconds=1))
    kept = rows[60:]
    kept[3] = reworded(kept[3], "This sync is awful, I would pay for one that works.")
    kept[4] = {**kept[4], "removed": True}
    after = analysed(
        database, workspace_actor, kept, rerun_of=before, request=wanted(since=edge), asked_at=rows[-1]["posted_at"]
    )
    return before, after


def test_items_are_new_gone_edited_or_common_and_it_is_said_why(
    database: Database, workspace_actor: Actor, rows, later
):
    found = compare(database, workspace_actor, *later)
    items = found.items
    assert (items.new, items.gone, items.common) == (80, 60, len(rows) - 140)
    assert (items.edited, items.removed) == (1, 0 if rows[64]["removed"] else 1)
    assert (items.before, items.after) == (len(rows) - 80, len(rows) - 60)
    assert sum(each.items for each in items.new_from) == 80
    assert {each.cause for each in items.new_from} == {"later"}
    assert {each.cause for each in items.gone_from} == {"time"}
    assert [each.name for each in found.settings] == ["From"]
    assert found.sentences[0].startswith("80 new items")
    assert not found.unchanged


def test_from_the_other_side_new_is_gone_and_every_change_is_the_opposite(
    database: Database, workspace_actor: Actor, later
):
    there, back = compare(database, workspace_actor, *later), compare(database, workspace_actor, *reversed(later))
    assert (there.items.new, there.items.gone) == (back.items.gone, back.items.new)
    assert there.mood.change == -back.mood.change
    pairs = {(each.before_number, each.after_number, each.items_before, each.items_after) for each in there.topics}
    assert pairs == {
        (each.after_number, each.before_number, each.items_after, each.items_before) for each in back.topics
    }
    titles = {
        (each.before and each.before.id, each.after and each.after.id, each.points) for each in there.opportunities
    }
    assert titles == {
        (each.after and each.after.id, each.before and each.before.id, None if each.points is None else -each.points)
        for each in back.opportunities
    }
    assert "stands on the left" in " ".join(back.warnings)


def test_what_each_cause_did_to_a_score_adds_up_to_its_change(database: Database, workspace_actor: Actor, later):
    found = compare(database, workspace_actor, *later)
    matched = [each for each in found.opportunities if each.before and each.after]
    assert len(matched) >= 5
    assert any(each.points for each in matched)
    for each in matched:
        assert each.parts is not None, each.why
        assert sum(part.points for part in each.parts) == each.points == each.after.score - each.before.score
        assert each.interval[0] <= each.points <= each.interval[1]
        assert not any(part.cause in {"rules", "scoring"} and part.points for part in each.parts)


def test_topics_keep_number_and_name_in_a_run_that_asks_again(database: Database, workspace_actor: Actor, later):
    found = compare(database, workspace_actor, *later)
    matched = [each for each in found.topics if each.before_number is not None and each.after_number is not None]
    assert len(matched) >= 5
    assert all(each.before_number == each.after_number and each.before_name is None for each in matched)
    came = {each.after_number for each in found.topics if each.change == "new"}
    with database.read() as session:
        numbers = set(session.exec(select(Topic.number).where(Topic.analysis_id == later[0])))
    assert not came & numbers


def test_other_rules_are_told_apart_from_other_talk(database: Database, workspace_actor: Actor, later):
    with database.write() as session:
        analysis = session.get_one(Analysis, later[0])
        analysis.versions = {**analysis.versions, "metrics": "1"}
        rows = session.exec(select(Opportunity).where(Opportunity.analysis_id == later[0])).all()
        for row in rows:
            row.score = max(1, row.score - 7)  # as if the old rules had given less
        session.add_all([analysis, *rows])
    found = compare(database, workspace_actor, *later)
    assert [each.name for each in found.versions] == ["rules of the score"]
    matched = [each for each in found.opportunities if each.before and each.after]
    assert matched
    for each in matched:
        assert {part.cause: part.points for part in each.parts}["rules"] == 7
        assert sum(part.points for part in each.parts) == each.points
        assert each.interval is None


def test_rules_that_are_no_longer_known_are_said_to_hide_the_causes(database: Database, workspace_actor: Actor, later):
    with database.write() as session:
        analysis = session.get_one(Analysis, later[1])
        analysis.versions = {**analysis.versions, "metrics": "0"}
        session.add(analysis)
    found = compare(database, workspace_actor, *later)
    matched = [each for each in found.opportunities if each.before and each.after]
    assert all(each.parts is None and "no longer has" in each.why for each in matched)


def test_another_engine_is_said_to_be_no_cause_that_can_be_told_from_the_talk(
    database: Database, workspace_actor: Actor, later
):
    with database.write() as session:
        analysis = session.get_one(Analysis, later[0])
        analysis.versions = {**analysis.versions, "engine": "local-0"}
        session.add(analysis)
    found = compare(database, workspace_actor, *later)
    assert any("cannot be told apart" in warning for warning in found.warnings)
    moved = [part for each in found.opportunities for part in each.parts or [] if part.cause == "grouping"]
    assert all("cannot be told apart" in part.sentence for part in moved)


def test_two_communities_share_no_item_and_are_matched_by_their_words(
    database: Database, workspace_actor: Actor, first: str, rows
):
    others = [{**row, "external_id": f"x{row['external_id']}", "thread_external_id": "x"} for row in rows]
    second = analysed(database, workspace_actor, others, request=wanted("homelab"))
    found = compare(database, workspace_actor, first, second)
    assert found.items.common == 0
    assert found.sentences[0].startswith("They share no item")
    assert [each.name for each in found.settings] == ["Sources"]
    assert sum(each.change in {"same", "grown", "shrunk"} for each in found.topics) >= 5


def test_sample_and_real_items_are_not_compared_without_a_warning(
    database: Database, workspace_actor: Actor, first: str, rows
):
    real = analysed(database, workspace_actor, rows, sample=False)
    found = compare(database, workspace_actor, first, real)
    assert found.before.sample
    assert not found.after.sample
    assert "SAMPLE items, which are made up" in found.warnings[0]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (AnalysisStatus.RUNNING, "still running"),
        (AnalysisStatus.PARTIAL, "to the end"),
        (AnalysisStatus.FAILED, "failed"),
    ],
)
def test_what_is_not_done_or_not_whole_is_said(
    database: Database, workspace_actor: Actor, first: str, rows, status: AnalysisStatus, words: str
):
    other = analysed(database, workspace_actor, rows, rerun_of=first, status=status)
    assert words in " ".join(compare(database, workspace_actor, first, other).warnings)


def test_what_has_no_items_yet_is_compared_without_an_error(database: Database, workspace_actor: Actor, first: str):
    with database.write() as session:
        empty = analyses.request(session, workspace_actor, wanted(), rerun_of=first)
    found = compare(database, workspace_actor, first, empty)
    assert (found.items.new, found.items.common) == (0, 0)
    assert found.mood.change is None


def test_changed_items_are_listed_page_by_page(database: Database, workspace_actor: Actor, rows, later):
    seen: list[str] = []
    cursor = None
    with database.read() as session:
        while True:
            page = comparison.changed_items(session, workspace_actor, *later, "new", cursor=cursor, limit=30)
            seen += [each.item_id for each in page.rows]
            assert all(each.cause == "later" and each.analysis_id == later[1] for each in page.rows)
            cursor = page.next_cursor
            if cursor is None:
                break
        gone = comparison.changed_items(session, workspace_actor, *later, "gone", limit=100).rows
        (edited,) = comparison.changed_items(session, workspace_actor, *later, "edited").rows
        place = gone[0].community
        of_place = comparison.changed_items(session, workspace_actor, *later, "gone", community=place, limit=100).rows
        with pytest.raises(InvalidInput):
            comparison.changed_items(session, workspace_actor, *later, "new", cursor="nonsense")
    assert len(seen) == len(set(seen)) == 80
    assert len(gone) == 60
    assert [each.item_id for each in of_place] == [each.item_id for each in gone if each.community == place]
    assert edited.text == "This sync is awful, I would pay for one that works."
    assert edited.before_text == rows[63]["text"]


def test_what_was_not_bought_again_is_counted_from_rows_and_the_ledger(
    database: Database, workspace_actor: Actor, first: str, rows
):
    again = analysed(
        database, workspace_actor, rows, rerun_of=first, request=same_request(database, first), asked_at=now()
    )
    bought, hour = MOMENT + timedelta(minutes=1), timedelta(hours=1)
    with database.write() as session:
        items = session.exec(
            select(Item).where(Item.analysis_id == again, col(Item.sentiment_label).is_not(None)).limit(3)
        ).all()
        for item, at in zip(items, (bought, bought, now() + hour), strict=True):
            item.sentiment_engine = "other-1"
            session.add(
                ItemScore(
                    workspace_id=workspace_actor.workspace_id,
                    scorer="sentiment_service",
                    version="1",
                    content_sha256=item.content_sha256,
                    label=item.sentiment_label,
                    value=item.sentiment,
                    confidence=1.0,
                    engine="other-1",
                    created_at=at,
                )
            )
            session.add(item)
        job = _job(session, again)
        job.cursor = {"kept": ["a" * 64, "b" * 64]}
        for sha256, at in (("a" * 64, bought), ("b" * 64, now() + hour)):
            session.add(
                ModelAnswer(
                    workspace_id=workspace_actor.workspace_id,
                    model="openai/small",
                    prompt_version="1",
                    sha256=sha256,
                    name="names",
                    usage={"input_token": 4000, "output_token": 500},
                    created_at=at,
                )
            )
        for unit, quantity, micros in (("input_token", 4000, 1000), ("output_token", 500, 900)):
            _paid(session, workspace_actor, first, _job(session, first), unit, quantity, micros, bought)
        session.add(job)
    cost = compare(database, workspace_actor, first, again).cost
    assert cost.texts_kept == 2
    assert (cost.answers_kept, cost.answers_kept_micros) == (1, 1900)
    assert "1 answers of a model" not in cost.sentence
    assert {line.unit: (line.quantity_before, line.quantity_after) for line in cost.lines} == {
        "input_token": (4000, 0),
        "output_token": (500, 0),
    }


def _job(session, analysis_id: str) -> Job:
    job = Job(
        workspace_id=session.get_one(Analysis, analysis_id).workspace_id,
        analysis_id=analysis_id,
        kind="synthesise",
        queue="analyse",
        dedupe_key=f"{analysis_id}:synthesise:test:{new_id()}",
        run_after=MOMENT,
    )
    session.add(job)
    session.flush()
    return job


def _paid(session, actor: Actor, analysis_id: str, job: Job, unit: str, quantity: int, micros: int, at) -> None:
    held = Reservation(
        analysis_id=analysis_id,
        job_id=job.id,
        fence=1,
        ordinal=quantity,
        step="synthesise",
        provider="openai",
        unit=unit,
        model="small",
        price_list="test",
        unit_price_micros_per_million=1,
        worst_quantity=quantity,
        worst_case_micros=micros,
        status="settled",
    )
    session.add(held)
    session.flush()
    session.add(
        CostEntry(
            workspace_id=actor.workspace_id,
            analysis_id=analysis_id,
            job_id=job.id,
            reservation_id=held.id,
            step="synthesise",
            provider="openai",
            model="small",
            unit=unit,
            quantity=quantity,
            unit_price_micros_per_million=1,
            amount_micros=micros,
            price_list="test",
            created_at=at,
        )
    )


def test_what_belongs_to_others_is_not_there(
    database: Database, workspace_actor: Actor, other_actor: Actor, first: str, rows
):
    theirs = analysed(database, other_actor, rows[:40])
    for pair in ((first, theirs), (theirs, first), (first, new_id()), ("nonsense", first)):
        with pytest.raises(NotFound):
            compare(database, workspace_actor, *pair)
        with database.read() as session, pytest.raises(NotFound):
            comparison.changed_items(session, workspace_actor, *pair, "new")
