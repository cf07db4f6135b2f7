"""How the short answers of a model are read: names by their place, items by number, quotes by how they begin."""

from __future__ import annotations

import pytest

from app.services.pipeline import model_answers
from app.services.pipeline.model_merge import Combiner
from app.services.pipeline.model_prompts import Asked, finding
from app.services.pipeline.model_sample import STANDARD
from integrations.language_model import Prompt
from tests.app.services.pipeline.test_synthesise import talk

PROMPT = Prompt(name="opportunities", instructions="", data="{}", schema={}, max_output_tokens=10)
ASKED = Asked(PROMPT, {"1": "a", "2": "b"}, (7, 3))
TOPIC_OF = {"a": 3, "b": 7}


def said(**entry):
    (one,) = model_answers.opportunities(ASKED, {"opportunities": [entry]}, TOPIC_OF, "model")
    return one


def test_names_belong_to_topics_by_their_place():
    assert model_answers.names(ASKED, {"names": ["Photo backup", "Note sync"]}) == {7: "Photo backup", 3: "Note sync"}


@pytest.mark.parametrize("listed", [[], ["Photo backup"], ["a b", "c d", "e f"], "ab", None, {"0": "a b", "1": "c d"}])
def test_with_one_name_too_few_or_too_many_none_is_taken(listed):
    assert model_answers.names(ASKED, {"names": listed}) == {}


def test_what_is_no_name_leaves_the_others_in_their_place():
    assert model_answers.names(ASKED, {"names": [7, "Note sync"]}) == {3: "Note sync"}


def test_items_are_taken_by_the_numbers_that_were_shown_and_no_others():
    one = said(items=[2, 0, -1, 3, True, 10**40, 1.0, None, [1], 2, 1], quote="I lost half of it")
    assert one.proposal.item_ids == ("b", "a")
    assert one.topics == (7, 3)
    assert one.proposal.quotes == (("b", "I lost half of it"), ("a", "I lost half of it"))


def test_without_words_there_is_no_quote():
    assert said(items=[1], quote="").proposal.quotes == ()
    assert said(items=[1], quote=None).proposal.quotes == ()


def test_a_quote_is_shown_as_the_whole_sentence_that_begins_so():
    records, topics = talk(12)
    topic = topics[0]
    shown = [record for record in records if record.id in topic.item_ids][:4]
    (asked,) = finding([topic], {topic.number: shown}, size=STANDARD, question="?")
    combiner = Combiner(topics, records, {}, records)
    first = shown[0].text.split(".")[0].split(" ")
    assert len(first) > 4
    answer = {
        "opportunities": [{"items": [1, 2], "quote": " ".join(first[:4]), "title": "x", "summary": "", "kind": ""}]
    }
    (one,) = model_answers.opportunities(asked, answer, {record.id: topic.number for record in shown}, "model")
    quotes = combiner._whole(one).proposal.quotes
    assert quotes[0] == (shown[0].id, shown[0].text[: len(quotes[0][1])])
    assert len(quotes[0][1]) > len(" ".join(first[:4]))
    assert all(words in next(record.text for record in shown if record.id == item) for item, words in quotes)


def test_a_quote_that_stands_in_no_item_is_left_out():
    records, topics = talk(12)
    combiner = Combiner(topics, records, {}, records)
    item = records[0].id
    asked = Asked(PROMPT, {"1": item}, (topics[0].number,))
    answer = {
        "opportunities": [
            {"items": [1], "quote": "This was never said", "against": [{"item": 1, "quote": "nor was this ever"}]}
        ]
    }
    (one,) = model_answers.opportunities(asked, answer, {item: topics[0].number}, "model")
    assert one.proposal.against
    whole = combiner._whole(one).proposal
    assert (whole.quotes, whole.against) == ((), ())
