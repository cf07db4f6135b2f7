"""`asterism evaluate` on small labelled files (SAMPLE)."""

from __future__ import annotations

import json

import pytest

from app.services.evaluation import Outcome
from app.services.versions import ENGINE
from tests.app.cli.command import run


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_sentiment_is_printed_as_json(capfd, tmp_path):
    path = write(
        tmp_path / "moods.jsonl",
        {"text": "I love it, great work", "label": "positive"},
        {"text": "Terrible, I hate it", "label": "negative"},
        {"text": "Terrible, I hate it", "label": "neutral"},
    )
    ran = run(capfd, "evaluate", "sentiment", "--input", path, "--json")
    found = json.loads(ran.out)
    assert ran.code == 0
    assert found["macro_recall"] == pytest.approx(2 / 3, abs=1e-4)
    assert found["confusion"]["neutral"] == {"negative": 1, "neutral": 0, "positive": 0}
    assert (found["items"], found["engine"]) == (3, ENGINE)
    assert found["items_per_second"] > 0


def test_spam_is_printed_as_json_and_as_text(capfd, tmp_path):
    path = write(
        tmp_path / "comments.jsonl",
        {"text": "Subscribe to my channel and I will sub back!!", "label": "spam"},
        {"text": "this song never gets old", "label": "ham", "more": 1},
    )
    found = json.loads(run(capfd, "evaluate", "spam", "--input", path, "--json").out)
    assert (found["precision"], found["recall"], found["f1"]) == (1, 1, 1)
    assert found["confusion"] == {"spam": {"spam": 1, "ham": 0}, "ham": {"spam": 0, "ham": 1}}
    text = run(capfd, "evaluate", "spam", "--input", path).out
    assert "f1: 1.0000" in text
    assert ENGINE in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"text": "a", "label": "ham"}\nnot json\n', "Line 2 is not JSON"),
        (b'{"words": "a", "label": "ham"}\n', "Line 1 has no text"),
        (b'{"text": "a", "label": "joy"}\n', "spam, ham"),
        (b"[1]\n", "Line 1 has no text"),
        (b"\n\n", "no labelled text"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"[" * 100_000, "Line 1 is not JSON"),
    ],
)
def test_a_wrong_file_is_one_sentence_and_exit_code_2(capfd, tmp_path, content, said):
    path = tmp_path / "wrong.jsonl"
    path.write_bytes(content)
    ran = run(capfd, "evaluate", "spam", "--input", str(path))
    assert ran.code == 2
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert ran.out == ""


def test_a_file_that_is_not_there_is_one_sentence(capfd, tmp_path):
    ran = run(capfd, "evaluate", "sentiment", "--input", str(tmp_path / "none.jsonl"))
    assert (ran.code, len(ran.err.strip().splitlines())) == (2, 1)


def test_figures_are_those_of_the_counts():
    outcome = Outcome(("spam", "ham"), {("spam", "spam"): 3, ("spam", "ham"): 1, ("ham", "spam"): 2}, 2.0)
    assert outcome.precision("spam") == 0.6
    assert outcome.recall("spam") == 0.75
    assert outcome.f1("spam") == pytest.approx(2 / 3)
    assert outcome.macro_recall() == pytest.approx(0.375)
    assert outcome.items_per_second == 3
    assert Outcome(("spam", "ham"), {("ham", "ham"): 1}, 1.0).f1("spam") is None
