"""The made-up corpus: the same for all, labelled truly, and large and varied enough to prove something."""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
from collections import Counter
from dataclasses import asdict

import pytest

from integrations.sandbox.corpus import generate
from integrations.sandbox.planting import INJECTION_KINDS, SPAM_KINDS

FINGERPRINT = """
import hashlib
from integrations.sandbox.corpus import generate
print(hashlib.sha256(repr(generate(7, 0.1).items).encode()).hexdigest())
"""
FUNCTION_WORDS = {
    "de": {
        "die",
        "der",
        "das",
        "den",
        "dem",
        "ich",
        "und",
        "ist",
        "mir",
        "eine",
        "ein",
        "einem",
        "wir",
        "wie",
        "von",
        "im",
    },
    "es": {"la", "el", "que", "en", "por", "de", "los", "las", "un", "una", "con", "y", "mi", "se", "lo"},
    "fr": {
        "la",
        "le",
        "les",
        "que",
        "je",
        "est",
        "un",
        "une",
        "nous",
        "pour",
        "de",
        "à",
        "et",
        "ce",
        "sur",
        "mon",
        "du",
    },
}
SOURCES = ("reddit", "youtube", "hackernews")
MEMORY = """
from integrations.sandbox.server import SandboxServer
with SandboxServer(secret="a made-up secret") as sandbox:
    print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


@pytest.fixture(scope="module")
def corpus():
    return generate()


def honest(corpus):
    return [item for item in corpus.items if item.text and not (item.truth.spam or item.truth.injection)]


def test_the_same_seed_gives_the_same_talk_in_another_process():
    told = set()
    for hashing in ("1", "2"):
        command = [sys.executable, "-c", FINGERPRINT]
        run = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": hashing})
        told.add(run.stdout)
    assert len(told) == 1
    assert len(told.pop().strip()) == 64


def test_another_seed_gives_other_talk():
    first, second = generate(1, 0.05), generate(2, 0.05)
    assert [item.text for item in first.items] != [item.text for item in second.items]


def test_it_is_large_enough(corpus):
    sizes = Counter(item.community for item in corpus.items)
    assert len(corpus.items) >= 20_000
    assert sizes["selfhosted"] == 2772
    assert all(len(corpus.items_of(source)) >= 5000 for source in SOURCES)
    assert sizes["selfhosted"] + sizes["homelab"] + sizes["datahoarder"] >= 5000
    assert {community.name for community in corpus.communities} == set(sizes)
    assert sum(item.age_seconds <= 30 * 86_400 for item in corpus.items) >= 5000


def test_scale_sets_the_size(corpus):
    small = generate(scale=0.1)
    assert 0.09 < len(small.items) / len(corpus.items) < 0.11


def test_ids_are_unique_and_every_answer_is_younger_than_what_it_answers(corpus):
    assert len(corpus.by_id) == len(corpus.items)
    for item in corpus.items:
        if item.parent_id:
            parent = corpus.by_id[item.parent_id]
            assert item.age_seconds <= parent.age_seconds
            assert item.thread_id == parent.thread_id
            assert item.depth == (0 if parent.is_post else parent.depth + 1)
        else:
            assert item.is_post


def test_some_threads_are_deep_and_some_are_huge(corpus):
    assert max(item.depth for item in corpus.items) > 10
    assert sum(size > 500 for size in Counter(item.thread_id for item in corpus.items).values()) >= 2


def test_every_community_is_marked_as_a_sample(corpus):
    assert all("SAMPLE" in community.title and "SAMPLE" in community.description for community in corpus.communities)


def test_honest_talk_hardly_ever_repeats_itself(corpus):
    own = [item.text for item in honest(corpus) if not item.truth.duplicate_of]
    assert len(own) - len(set(own)) < 0.02 * len(own)


def test_honest_sentences_are_filled_in_and_look_like_sentences(corpus):
    for item in corpus.items:
        assert not re.search(r"\{\w+\}|  ", f"{item.title} {item.text}")


def test_each_opportunity_has_support_from_many_and_something_against_it(corpus):
    assert len(corpus.opportunities) >= 15
    for opportunity in corpus.opportunities:
        support = [corpus.by_id[name] for name in opportunity.supporting]
        assert len(support) >= 25
        assert len({item.thread_id for item in support}) >= 3
        assert len({item.author for item in support}) >= 10
        assert len(opportunity.against) >= 5
        assert all(item.truth.opportunity == opportunity.id and item.truth.stance == "for" for item in support)
        assert not set(opportunity.supporting) & set(opportunity.against)


def test_every_kind_of_spam_is_there_and_looks_the_part(corpus):
    spam = [item for item in corpus.items if item.truth.spam]
    assert set(SPAM_KINDS) == {item.truth.spam for item in spam}
    assert 0.02 < len(spam) / len(corpus.items) < 0.08
    for item in spam:
        assert item.truth.sentiment is None
        assert not item.truth.opportunity
        if item.truth.spam in {"link_farm", "giveaway", "self_promotion"}:
            assert ".example" in item.text


def test_every_kind_of_injection_is_there_and_looks_the_part(corpus):
    looks = {
        "override": r"(?i)ignore previous|disregard|new instruction",
        "markdown_image": r"!\[\w+\]\(http",
        "html": r"<(script|img|iframe)",
        "unicode_tags": "[\U000e0020-\U000e007e]{20}",
        "role_play": r"DebugBot|assistant:",
    }
    planted = [item for item in corpus.items if item.truth.injection]
    assert set(INJECTION_KINDS) == {item.truth.injection for item in planted} == set(looks)
    for item in planted:
        assert re.search(looks[item.truth.injection], item.text)


def test_copies_are_close_to_what_they_copy_and_come_later(corpus):
    copies = [item for item in corpus.items if item.truth.duplicate_of]
    assert Counter(item.truth.duplicate_kind for item in copies).keys() == {"exact", "near"}
    assert len(copies) > 100
    for item in copies:
        source = corpus.by_id[item.truth.duplicate_of]
        assert source.age_seconds > item.age_seconds
        assert source.text
        if item.truth.duplicate_kind == "exact":
            assert item.text == source.text
        else:
            assert item.text != source.text
            assert difflib.SequenceMatcher(None, item.text, source.text, autojunk=False).ratio() > 0.8


def test_other_languages_are_really_other_languages(corpus):
    for language, known in FUNCTION_WORDS.items():
        said = [set(re.findall(r"\w+", item.text.lower())) for item in corpus.items if item.truth.language == language]
        sentences = [words for words in said if len(words) >= 8]
        assert len(sentences) > 800
        assert sum(bool(known & words) for words in sentences) >= 0.95 * len(sentences)


def test_needs_are_planted_in_four_languages_and_over_all_sources(corpus):
    for opportunity in corpus.opportunities:
        assert {corpus.by_id[name].truth.topic for name in opportunity.supporting} == {opportunity.id}
    support = [[corpus.by_id[name] for name in opportunity.supporting] for opportunity in corpus.opportunities]
    assert sum({item.source for item in items} == set(SOURCES) for items in support) >= 10
    assert sum({item.truth.language for item in items} == {"en", "de", "es", "fr"} for items in support) >= 8


def test_each_source_has_its_share_of_everything_planted(corpus):
    for source in SOURCES:
        items = corpus.items_of(source)
        assert sum(item.truth.injection is not None for item in items) >= 40
        assert sum(item.truth.spam is not None for item in items) >= 60
        assert sum(item.truth.duplicate_of is not None for item in items) >= 40
        assert all(item.source == source for item in items)
    assert sum(len(corpus.items_of(source)) for source in SOURCES) == len(corpus.items)


def test_every_honest_text_has_a_mood_a_topic_or_a_language(corpus):
    for item in honest(corpus):
        assert item.truth.sentiment in {"negative", "neutral", "positive"}
        if item.truth.language == "en":
            assert item.truth.topic


def test_each_place_has_its_own_tone(corpus):
    def median(source):
        lengths = sorted(len(item.text) for item in corpus.items_of(source) if item.text and not item.is_post)
        return lengths[len(lengths) // 2]

    assert 1.5 * median("youtube") < median("reddit") < median("hackernews")
    comments = [item.text for item in corpus.items_of("youtube") if not item.is_post]
    assert sum(bool(re.search(r"\b\d{1,2}:\d\d\b", text)) for text in comments) > 0.1 * len(comments)
    assert sum(any(ord(letter) > 0x1F000 for letter in text) for text in comments) > 0.3 * len(comments)


def test_another_voice_says_the_same_needs_in_other_words(corpus):
    other = generate(voice="b")
    assert len(other.items) >= 3000
    assert [one.id for one in other.opportunities] == [one.id for one in corpus.opportunities]
    assert all(len(one.supporting) >= 20 for one in other.opportunities)
    assert {item.truth.language for item in honest(other)} >= {"en", "de", "es", "fr"}
    assert {item.truth.spam for item in other.items} >= set(SPAM_KINDS)
    assert {item.truth.injection for item in other.items} >= set(INJECTION_KINDS)
    for item in other.items:
        assert not re.search(r"\{\w+\}|  ", f"{item.title} {item.text}")


def test_the_two_voices_share_hardly_any_wording(corpus):
    def runs(items):
        words = (re.findall(r"\w+", item.text.lower()) for item in items)
        return {tuple(told[place : place + 4]) for told in words for place in range(len(told) - 3)}

    other = runs(honest(generate(voice="b")))
    assert len(other & runs(honest(corpus))) < 0.01 * len(other)


def test_an_unknown_voice_is_refused():
    with pytest.raises(ValueError, match="no voice 'c'"):
        generate(voice="c")


def test_the_whole_sandbox_stays_small():
    run = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 90_000


def test_every_intent_mood_and_removal_is_there(corpus):
    intents = Counter(intent for item in corpus.items for intent in item.truth.intents)
    assert set(intents) == {
        "complaint", "request", "question", "praise", "workaround", "willingness_to_pay", "switching", "comparison",
    }  # fmt: skip
    assert min(intents.values()) > 100
    assert sum(item.truth.sarcasm for item in corpus.items) > 50
    assert {item.truth.sentiment for item in honest(corpus)} >= {"negative", "neutral", "positive"}
    removed = [item for item in corpus.items if item.truth.removed]
    assert {item.truth.removed for item in removed} == {"removed", "deleted"}
    assert all(item.text == "" and item.author is None for item in removed)
    assert not any(item.source == "youtube" for item in removed)


def test_truth_is_asked_by_id(corpus):
    item = corpus.items[0]
    assert corpus.truth(item.external_id) is item.truth
    assert item.truth.as_dict() == asdict(item.truth)
    with pytest.raises(KeyError):
        corpus.truth("t1_nothing")


def test_outside_the_first_communities_hardly_anything_is_an_unplanned_copy_with_other_numbers(corpus):
    told = Counter(
        re.sub(r"[\W\d_]+", " ", item.text.lower())
        for source in ("youtube", "hackernews")
        for item in corpus.items_of(source)
        if len(item.text) >= 40 and not item.truth.duplicate_of
    )
    assert sum(count - 1 for count in told.values()) < 0.005 * told.total()
