"""Topics are named by phrases that can stand alone."""

import pytest

from app.services.pipeline.embeddings import Vocabulary
from app.services.pipeline.topic_names import Phrases, topic_name

TEMPLATED = [
    "Please add dark mode to the mobile app.",
    "Please add dark theme for the desktop app.",
    "I wish there was a dark mode.",
    "Please add dark mode, my eyes hurt at night.",
]


def phrases(texts: list[str]) -> Phrases:
    return Phrases(texts, Vocabulary(texts).forms)


@pytest.mark.parametrize(
    ("pair", "named"),
    [
        (("add", "dark"), ("dark", "mode")),
        (("dark", "mode"), ("dark", "mode")),
        (("eye", "hurt"), ()),
        (("mobile", "app"), ("mobile", "app")),
    ],
)
def test_a_pair_is_made_a_whole_phrase_or_no_name(pair: tuple[str, ...], named: tuple[str, ...]) -> None:
    assert phrases(TEMPLATED).named(pair) == named


def test_a_thing_that_people_also_do_may_end_a_name() -> None:
    texts = ["A flaky test again.", "The flaky tests!", "I want to test it.", "We have to test it.", "You can test it."]
    assert phrases(texts).does("test")
    assert phrases(texts).named(("flaky", "test")) == ("flaky", "test")


def test_the_name_says_what_is_spoken_of_not_what_is_done_to_it() -> None:
    vocabulary = Vocabulary(TEMPLATED)
    ranked = [("dark", 1.0), ("add", 0.75), ("add dark", 0.75), ("dark mode", 0.7)]
    assert topic_name(vocabulary, phrases(TEMPLATED), ranked, set()) == "dark mode"
    assert topic_name(vocabulary, phrases(TEMPLATED), ranked, {"dark mode"}) != "add dark"


def test_there_is_always_a_name_and_never_one_that_is_taken() -> None:
    vocabulary = Vocabulary(["add", "add", "adding"])
    taken: set[str] = set()
    for _ in range(4):
        name = topic_name(vocabulary, phrases(["add"]), [("add", 1.0)], taken)
        assert name
        assert name not in taken
        taken.add(name)
