"""All stages over the made-up, labelled talk of the sandbox (SAMPLE)."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from app.services.pipeline.clean import Cleaner
from app.services.pipeline.cluster import cluster
from app.services.pipeline.local_engine import LocalEngine
from app.services.pipeline.records import Record
from app.services.pipeline.score import score
from app.services.pipeline.synthesise import synthesise
from app.services.stages.embedder import chosen_embedder
from integrations.sandbox.corpus import generate
from tests.app.services.pipeline.samples import START


@pytest.fixture(scope="module")
def corpus():
    return generate(seed=41, scale=0.3)


def records_of(corpus):
    return [
        Record(
            id=item.external_id,
            text="\n\n".join(part for part in (item.title, item.text) if part),
            author=item.author,
            thread=item.thread_id,
            community=item.community,
            posted_at=START - timedelta(seconds=item.age_seconds),
            permalink=f"https://example.org/{item.external_id}",
            upvotes=item.score,
            is_post=item.is_post,
            removed=item.truth.removed is not None,
        )
        for item in corpus.items
    ]


def run(records):
    cleaned = {item.id: item for item in Cleaner().clean(records)}
    kept = [
        replace(record, language=cleaned[record.id].language)
        for record in records
        if not cleaned[record.id].spam and cleaned[record.id].duplicate_of is None
    ]
    scored = {item.id: item for item in score(kept)}
    voices = [
        replace(record, sentiment=scored[record.id].sentiment) for record in kept if scored[record.id].label is not None
    ]
    topics = cluster(voices, embedder=chosen_embedder()[1]).topics
    intents = {item.id: item.intents for item in scored.values()}
    return cleaned, scored, voices, topics, synthesise(LocalEngine(intents), topics, voices, intents)


@pytest.fixture(scope="module")
def outcome(corpus):
    return run(records_of(corpus))


def test_spam_is_found_and_honest_talk_is_kept(corpus, outcome):
    truth = {item.external_id: item.truth for item in corpus.items if item.truth.removed is None}
    planted = {item for item, label in truth.items() if label.spam}
    found = {item.id for item in outcome[0].values() if item.spam}
    at_reddit = planted & {item.external_id for item in corpus.items_of("reddit")}
    assert len(found & at_reddit) >= 0.9 * len(at_reddit)
    assert len(found & planted) >= 0.85 * len(planted)
    assert len(found - planted) <= 0.05 * len(found)


def test_copies_are_found(corpus, outcome):
    planted = {
        item.external_id
        for item in corpus.items
        if item.truth.duplicate_kind == "exact"
        and item.truth.removed is None
        and item.text not in {"[removed]", "[deleted]"}
    }
    found = {item.id for item in outcome[0].values() if item.duplicate_of or item.spam}
    assert len(found & planted) >= 0.95 * len(planted)


def test_languages_are_told(corpus, outcome):
    pairs = Counter(
        (item.truth.language == outcome[0][item.external_id].language)
        for item in corpus.items
        if item.truth.removed is None and not item.truth.spam and not item.truth.injection
    )
    assert pairs[True] >= 0.98 * pairs.total()


def test_planted_opportunities_are_found(corpus, outcome):
    supports = {item: found.id for found in corpus.opportunities for item in found.supporting}
    seen = set()
    for found in outcome[4]:
        votes = Counter(supports.get(quote.item_id) for quote in found.evidence)
        winner, count = votes.most_common(1)[0]
        if winner and count >= 0.6 * len(found.evidence):
            seen.add(winner)
    assert len(seen) >= 0.75 * len(corpus.opportunities)


def test_what_speaks_against_is_mostly_planted_against(corpus, outcome):
    stance = {item.external_id: item.truth.stance for item in corpus.items}
    shown = [stance[quote.item_id] for found in outcome[4] for quote in found.against]
    assert shown.count("for") <= 0.15 * len(shown)


def test_titles_are_plain_and_no_planted_order_is_among_them(corpus, outcome):
    orders = [item.text.lower() for item in corpus.items if item.truth.injection]
    assert orders
    for found in outcome[4]:
        for shown in (found.title, found.summary):
            assert "http" not in shown
            assert not set(shown) & set("<>[]{}`*_#|\\")
        assert not any(found.title.lower() in order for order in orders)


def test_planted_orders_change_no_sentiment_and_no_intent_of_others(corpus, outcome):
    honest = [item for item in corpus.items if not item.truth.injection]
    without = run([record for record in records_of(corpus) if record.id in {item.external_id for item in honest}])
    shared = [item for item in without[1] if item in outcome[1]]
    assert len(shared) > 1_000
    assert all(without[1][item] == outcome[1][item] for item in shared)


def test_planted_orders_change_no_topic_no_finding_no_quote_and_no_number(corpus, outcome):
    planted = {item.external_id for item in corpus.items if item.truth.injection}
    without = run([record for record in records_of(corpus) if record.id not in planted])
    assert planted
    assert outcome[4]
    assert outcome[3] == without[3]
    assert outcome[4] == without[4]
