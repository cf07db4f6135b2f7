from collections import Counter
from dataclasses import replace

import pytest

from app.services.pipeline.counter_evidence import demands, doubts, find, quotes, supports
from app.services.pipeline.intents import intents
from app.services.pipeline.local_engine import LocalEngine
from app.services.pipeline.prose import own_words
from app.services.pipeline.quotes import Unlike
from app.services.pipeline.synthesise import check, synthesise
from integrations.sandbox.corpus import generate
from tests.app.services.pipeline.samples import record
from tests.app.services.pipeline.test_synthesise import proposal, talk
from tests.app.services.pipeline.test_whole_pipeline import records_of, run


def wanted(items):
    return {item.id: intents(own_words(item.text), item.sentiment) for item in items}


@pytest.mark.parametrize(
    ("text", "speaks_for"),
    [
        ("I wish there was a way to tag letters.", True),
        ("The search keeps crashing.", True),
        ("I left Lettermate because it never finds a letter.", True),
        ("I would pay for tags.", True),
        ("I switched to Lettermate and it works great.", False),
        ("Moved to Lettermate on the train, and it shows both.", False),
        ("I happily pay for it and it is excellent.", False),
        ("Doing it by hand is fine, I do not need tags.", False),
        ("Nobody needs tags.", False),
        ("Lettermate is excellent.", False),
    ],
)
def test_a_quote_speaks_for_a_need_only_by_its_own_words(text, speaks_for):
    assert bool(demands(text)) is speaks_for
    item = record(1, text)
    assert supports(item, wanted([item])[item.id]) is speaks_for


@pytest.mark.parametrize("text", ["I see it at work as well.", "The one at work already complains."])
def test_a_place_of_work_is_no_doubt(text):
    assert not doubts(text)


def test_complaints_and_wishes_never_stand_against():
    items = [
        record(1, "Nobody needs tags for letters."),
        record(2, "No problem, but letter search keeps crashing."),
        record(3, "Letter tags work. I wish there was a way to sort them, it is not worth it without."),
        record(4, "The letter search is great."),
        record(5, "This channel is great."),
    ]
    found = find(items, wanted(items), ("letter",))
    assert list(found) == ["item-00001", "item-00004"]


def test_the_same_sentence_in_other_mouths_is_quoted_once():
    said = [
        "Nobody needs tags for letters.",
        "Counterpoint: nobody needs tags for letters!",
        "Counterpoint from somebody who did this for years: Nobody NEEDS tags for letters",
        "Nobody really needs tags for letters.",
        "A folder is good enough for this.",
    ]
    items = [record(number, text) for number, text in enumerate(said)]
    shown = quotes(find(items, wanted(items)), items)
    assert [quote.item_id for quote in shown] == ["item-00000", "item-00004"]


def test_quotes_come_from_different_threads_where_there_are_some():
    said = ["A folder is good enough here.", "Nobody needs tags for letters.", "Tags are overrated, honestly."]
    items = [record(number, text, thread=f"t{number // 2}") for number, text in enumerate(said)]
    assert [quote.item_id for quote in quotes(find(items, wanted(items)), items)] == [
        "item-00000",
        "item-00002",
        "item-00001",
    ]


def test_what_is_said_with_other_words_is_another_quote():
    unlike = Unlike(["It never finds a letter."])
    assert not unlike.add("it never finds a letter")
    assert unlike.add("Two of three searches end in a crash.")
    assert not unlike.add("Edit: two of three searches end in a crash :(")


def test_no_words_stand_on_both_sides():
    items, topics = talk()
    twin = [record(700 + number, "The letter search is fine, nobody needs it.", topic=0) for number in range(4)]
    topic = replace(topics[0], item_ids=(*topics[0].item_ids, *(item.id for item in twin)))
    (found,) = synthesise(LocalEngine(), [topic], [*items, *twin])
    unlike = Unlike()
    assert found.against
    assert all(unlike.add(quote.text) for quote in (*found.evidence, *found.against))


def test_no_engine_can_put_doubt_for_a_need_or_a_wish_against_it():
    items, topics = talk()
    answer = proposal(
        quotes=(("item-00006", "nobody needs tags for letters."), *proposal().quotes),
        against=(("item-00009", "I wish there was a way to tag letters by sender."),),
    )
    (found,) = check([answer], items, topics)
    assert [quote.item_id for quote in found.evidence] == ["item-00000"]
    assert not any("wish" in quote.text for quote in found.against)


@pytest.mark.parametrize(("voice", "scale"), [("a", 0.3), ("b", 1.0)])
def test_each_side_is_what_it_says(voice, scale):
    corpus = generate(seed=41, scale=scale, voice=voice)
    truth = {item.external_id: item.truth for item in corpus.items}
    found = run(records_of(corpus))[4]
    evidence = [truth[quote.item_id] for item in found for quote in item.evidence]
    against = [truth[quote.item_id] for item in found for quote in item.against]
    assert len(evidence) > 80
    assert len(against) > 15
    assert sum(label.stance == "against" for label in evidence) <= 0.03 * len(evidence)
    assert sum(label.intents == ("praise",) for label in evidence) <= 0.03 * len(evidence)
    demanding = {"request", "complaint", "workaround", "switching", "willingness_to_pay"}
    asks = Counter(bool(demanding.intersection(label.intents)) for label in evidence)
    assert asks[True] >= 0.93 * len(evidence)
    assert sum(label.stance == "for" for label in against) <= 0.12 * len(against)
