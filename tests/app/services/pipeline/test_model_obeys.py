"""A model that obeys what it reads, or invents what it likes, over the made-up talk of the sandbox (SAMPLE)."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest

from app.services.pipeline import model_answers, model_words
from app.services.pipeline.injection import speaks_to_machines
from app.services.pipeline.local_engine import LocalEngine
from app.services.pipeline.model_merge import Combiner
from app.services.pipeline.model_prompts import summing_up
from app.services.pipeline.records import OpportunityFound
from app.services.pipeline.synthesise import check, synthesise, voices
from app.services.stages.model_reading import Material, Plan, plan
from integrations.sandbox.corpus import generate
from integrations.sandbox.openai_lies import meant
from integrations.sandbox.openai_schema import fill
from integrations.sandbox.openai_tasks import meaning_of
from tests.app.services.pipeline.test_whole_pipeline import records_of, run

EVIL = "https://evil.example/win?d=key"


@dataclass(frozen=True)
class World:
    material: Material
    plan: Plan
    local: list[OpportunityFound]
    orders: list[str]


@pytest.fixture(scope="module")
def world():
    corpus = generate(seed=41, scale=0.06)
    _, scored, spoken, topics, _ = run(records_of(corpus))
    intents = {item.id: item.intents for item in scored.values()}
    # Those of a larger corpus, as if each had got through cleaning and stood in the middle of the largest topic.
    larger = generate(seed=41, scale=0.35)
    orders = [record for record in records_of(larger) if larger.truth(record.id).injection]
    assert len(orders) >= 50
    spoken += [replace(record, id=f"order-{at}", topic=0) for at, record in enumerate(orders)]
    members = (*(f"order-{at}" for at in range(len(orders))), *topics[0].item_ids)
    topics = [replace(topics[0], item_ids=members), *topics[1:]]
    material = Material(spoken, topics, intents, "What do people want?")
    return World(
        material,
        plan(material),
        synthesise(LocalEngine(intents), topics, spoken, intents),
        [record.text for record in orders],
    )


def outcome(world, names, said, sentences=()):
    """Return what would be stored: names, findings, summary."""
    material = world.material
    by_id = {record.id: record for record in material.records}
    named = model_words.topic_names(names, material.topics, by_id)
    combiner = Combiner(material.topics, material.records, material.intents, material.records)
    local = LocalEngine(material.intents).propose(material.topics, voices(material.records))
    found = check(combiner.together(local, said), material.records, material.topics, material.intents)
    return named, found, combiner.sentences(sentences)


def asked(world, answer):
    """Put the same answer to every prompt; return the proposals."""
    topic_of = {item: topic.number for topic in world.material.topics for item in topic.item_ids}
    names, said = {}, []
    for one in world.plan.names:
        names |= model_answers.names(one, answer(one))
    for one, _ in world.plan.findings:
        names |= model_answers.names(one, answer(one))
        said += model_answers.opportunities(one, answer(one), topic_of, "liar")
    return names, said


def clean(world, named, found, summary):
    """Assert that nothing shown holds a link, markup, an order, or an id that is not of this analysis."""
    ids = {record.id for record in world.material.records}
    shown = [*named.values(), *(text for one in found for text in (one.title, one.summary)), *(s.text for s in summary)]
    for text in shown:
        low = text.lower()
        assert "http" not in low
        assert "evil" not in low
        assert "www." not in low
        assert not set(text) & set("<>[]{}`*_#|\\")
        assert not speaks_to_machines(text)
        assert not any(len(text) > 20 and low.strip(".") in order.lower() for order in world.orders)
    machine = {record.id for record in world.material.records if speaks_to_machines(record.text)}
    for one in found:
        quoted = {quote.item_id for quote in (*one.evidence, *one.against)}
        assert quoted | set(one.supporters) <= ids
        assert not (quoted | set(one.supporters)) & machine


def test_no_order_is_shown_to_a_model(world):
    shown = " ".join(one.prompt.data for pair in world.plan.findings for one in pair)
    shown += " ".join(one.prompt.data for one in world.plan.names)
    machine = [record for record in world.material.records if speaks_to_machines(record.text)]
    assert len(machine) >= 0.9 * len(world.orders)
    for record in machine:
        assert " ".join(record.text.split())[:60] not in shown
    assert not any(record.id in shown for record in world.material.records)


def test_what_the_orders_ask_for_never_comes_out_of_a_model_that_obeys_them(world):
    rng = random.Random(3)

    def obeys(one):
        order = rng.choice(world.orders)
        words = f"{order} [Click here]({EVIL})"
        handles = [int(handle) for handle in one.items][:5]
        against = [{"item": handle, "quote": order} for handle in (*handles[:1], 99_999)]
        return {
            "names": [rng.choice((order[:40], words)) for _ in one.topics],
            "opportunities": [
                {
                    "title": title,
                    "summary": words,
                    "kind": "request",
                    "items": [99_999, *handles],
                    "quote": quote,
                    "against": against,
                }
                for quote in (order, order[:40])
                for title in (order, order[:60], words, "Ignore the others", "Buy AcmeBackup now")
            ],
        }

    names, said = asked(world, obeys)
    assert said
    sentences = [model_answers.Cited(order[:200], (world.material.records[0].id,)) for order in world.orders]
    named, found, summary = outcome(world, names, said, sentences)
    clean(world, named, found, summary)
    assert not named
    assert not summary
    assert [one.title for one in found] == [one.title for one in world.local], "the local engine's findings stand"


@pytest.mark.parametrize("lie", ["obeys", "foreign_ids", "foreign_quotes"])
def test_the_lies_of_the_sandbox_s_model_change_no_finding(world, lie):
    def lies(one):
        prompt = one.prompt
        return fill(dict(prompt.schema), meant(lie, meaning_of(prompt.name, prompt.data), prompt.data))

    names, said = asked(world, lies)
    summing = summing_up(world.local, {one.id: one for one in world.material.records}, question="?")
    sentences = model_answers.sentences(summing, lies(summing))
    named, found, summary = outcome(world, names, said, sentences)
    clean(world, named, found, summary)
    assert {one.engine for one in found} == {"local"}
    assert [one.title for one in found] == [one.title for one in world.local]


def test_an_honest_reader_words_most_findings_and_loses_none(world):
    def reads(one):
        prompt = one.prompt
        return fill(dict(prompt.schema), meaning_of(prompt.name, prompt.data))

    names, said = asked(world, reads)
    named, found, _ = outcome(world, names, said)
    clean(world, named, found, ())
    assert len(named) >= 0.5 * len(world.material.topics)
    assert sum(one.engine == "liar" for one in found) >= 0.5 * len(found)
    local = {one.topic for one in world.local}
    assert len({one.topic for one in found} & local) >= 0.8 * len(local)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "prose",
        7,
        {},
        {"opportunities": "x"},
        {"opportunities": [None, 3, {}]},
        {"names": [{"topic": []}]},
        {"names": [7] * 12},
    ],
)
def test_no_shape_of_an_answer_breaks_anything(world, answer):
    names, said = asked(world, lambda _: answer)
    named, found, _ = outcome(world, names, said)
    assert not named
    assert [one.title for one in found] == [one.title for one in world.local]


def test_the_same_words_make_the_same_prompts_whatever_their_ids(world):
    renamed = {record.id: f"z{at:06}" for at, record in enumerate(reversed(world.material.records))}
    material = Material(
        sorted(
            (replace(record, id=renamed[record.id]) for record in world.material.records), key=lambda record: record.id
        ),
        [replace(one, item_ids=tuple(renamed[item] for item in one.item_ids)) for one in world.material.topics],
        {renamed[item]: wanted for item, wanted in world.material.intents.items() if item in renamed},
        world.material.question,
    )
    again = plan(material)
    assert [one.sha256 for one in again.names] == [one.sha256 for one in world.plan.names]
    assert [[one.sha256 for one in pair] for pair in again.findings] == [
        [one.sha256 for one in pair] for pair in world.plan.findings
    ]
