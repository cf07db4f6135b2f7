"""What a paid or remote scorer said is kept by workspace, scorer, version and text."""

from __future__ import annotations

import threading

from app.core.db import Database
from app.services.access import Actor
from app.services.scores import Judgement, Scorer, keep, kept

SCORER = Scorer("sentiment_service", "http://localhost/1")
GOOD = Judgement("positive", 0.8, 0.9, "remote-1")
BAD = Judgement("negative", -0.7, 0.6, "remote-1")


def test_what_was_kept_is_found_again_and_nothing_else(database: Database, workspace_actor: Actor):
    workspace = workspace_actor.workspace_id
    with database.write() as session:
        keep(session, workspace, SCORER, {"a" * 64: GOOD, "b" * 64: BAD})
    with database.read() as session:
        found = kept(session, workspace, SCORER, ["b" * 64, "c" * 64, "a" * 64, "a" * 64])
    assert found == {"a" * 64: GOOD, "b" * 64: BAD}


def test_more_hashes_than_one_query_takes_are_all_looked_up(database: Database, workspace_actor: Actor):
    hashes = [f"{number:064x}" for number in range(1203)]
    with database.write() as session:
        keep(session, workspace_actor.workspace_id, SCORER, dict.fromkeys(hashes, GOOD))
    with database.read() as session:
        assert set(kept(session, workspace_actor.workspace_id, SCORER, hashes)) == set(hashes)


def test_another_version_scorer_or_workspace_knows_nothing_of_it(
    database: Database, workspace_actor: Actor, other_actor: Actor
):
    with database.write() as session:
        keep(session, workspace_actor.workspace_id, SCORER, {"a" * 64: GOOD})
    with database.read() as session:
        assert not kept(session, other_actor.workspace_id, SCORER, ["a" * 64])
        assert not kept(session, workspace_actor.workspace_id, Scorer(SCORER.name, "2"), ["a" * 64])
        assert not kept(session, workspace_actor.workspace_id, Scorer("openai/x", SCORER.version), ["a" * 64])


def test_the_first_judgement_of_a_text_stays(database: Database, workspace_actor: Actor):
    for judgement in (GOOD, BAD):
        with database.write() as session:
            keep(session, workspace_actor.workspace_id, SCORER, {"a" * 64: judgement})
    with database.read() as session:
        assert kept(session, workspace_actor.workspace_id, SCORER, ["a" * 64]) == {"a" * 64: GOOD}


def test_jobs_that_keep_the_same_texts_at_once_do_not_block_each_other(database: Database, workspace_actor: Actor):
    hashes = [f"{number:064x}" for number in range(300)]
    failed: list[Exception] = []

    def job(order: list[str]) -> None:
        try:
            for start in range(0, len(order), 50):
                with database.write() as session:
                    keep(session, workspace_actor.workspace_id, SCORER, dict.fromkeys(order[start : start + 50], GOOD))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=job, args=(order,)) for order in (hashes, hashes[::-1], hashes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with database.read() as session:
        assert len(kept(session, workspace_actor.workspace_id, SCORER, hashes)) == len(hashes)
