"""The fitted models: what is shipped, and what they reach on texts that they were not fitted to."""

import subprocess
import sys
import time
import zipfile
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.pipeline import sentiment_model, spam_model
from app.services.pipeline.fitting import sentiment as mood_fitting
from app.services.pipeline.fitting import spam as fitting
from app.services.pipeline.fitting import tables
from app.services.pipeline.linear_model import MODELS, Table
from app.services.pipeline.spam import RULES, SPAM_THRESHOLD, judge, judge_all
from app.services.pipeline.text_features import Batch, Grams, word_grams, word_hash

LABELLED = Path(__file__).parents[5] / "shared" / "data" / "labelled"
SHIPPED = sorted(entry.name for entry in files(MODELS).iterdir() if entry.name.endswith(".npz"))


def labelled(name):
    path = LABELLED / name
    if not path.exists():
        pytest.skip("labelled texts are not beside this checkout (../shared/data/labelled)")
    return path


def test_both_models_are_shipped_and_small():
    assert SHIPPED == ["sentiment.npz", "spam.npz"]
    assert sum(len(files(MODELS).joinpath(name).read_bytes()) for name in SHIPPED) <= 5_000_000


@pytest.mark.parametrize("name", SHIPPED)
def test_a_model_is_numbers_and_no_pickle(name):
    with files(MODELS).joinpath(name).open("rb") as file:
        with zipfile.ZipFile(file) as archive:
            assert all(entry.endswith(".npy") for entry in archive.namelist())
        file.seek(0)
        with np.load(file, allow_pickle=False) as stored:
            assert {array.dtype.kind for array in stored.values()} <= {"i", "f"}


def test_nothing_heavy_is_imported_before_the_first_item():
    code = (
        "import sys, app.services.pipeline.score, app.services.pipeline.clean\n"
        "heavy = {'numpy', 'sklearn', 'scipy', 'vaderSentiment'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "from app.services.pipeline.score import sentiments\n"
        "from app.services.pipeline.spam import judge\n"
        "sentiments(['x']); judge('x')\n"
        "assert 'sklearn' not in sys.modules and 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_spam_is_told_with_one_video_left_out():
    rows = list(tables.read(labelled("spam_dev.jsonl")))
    found = fitting.leave_one_out(rows, fitting.honest_posts(labelled("sentiment_train.jsonl")))
    assert len(found) == 3
    assert sum(f1 for _, _, f1 in found.values()) / 3 >= 0.92


def test_the_shipped_spam_model_is_the_one_that_the_script_fits():
    rows = list(tables.read(labelled("spam_dev.jsonl")))
    fitted = fitting.fit(rows, fitting.honest_posts(labelled("sentiment_train.jsonl")))
    texts = [row["text"] for row in rows]
    shipped = judge_all(texts, under_video=True)
    again = judge_all(texts, fitted, under_video=True)
    assert sum(one.spam == other.spam for one, other in zip(shipped, again, strict=True)) >= 0.995 * len(texts)


@pytest.mark.parametrize(("together", "first_left_out"), [(False, ["0", "3", "6", "9"]), (True, ["0", "1", "2", "3"])])
def test_moods_are_measured_on_rows_that_the_model_never_saw(monkeypatch, together, first_left_out):
    rows = [{"text": str(place), "label": sentiment_model.LABELS[place % 3]} for place in range(12)]
    judged = []

    class Knowing:
        def __init__(self, seen):
            self.seen = {row["text"] for row in seen}

        def probabilities(self, texts):
            assert self.seen == {row["text"] for row in rows} - set(texts)
            judged.append(texts)
            return np.eye(3)[[int(text) % 3 if text != "4" else 0 for text in texts]]

    monkeypatch.setattr(mood_fitting, "fit", Knowing)
    assert mood_fitting.left_out(rows, 3, together=together) == pytest.approx((1 + 3 / 4 + 1) / 3)
    assert judged[0] == first_left_out
    assert sorted(int(text) for texts in judged for text in texts) == list(range(12))


def test_a_mood_model_is_fitted_the_same_each_time():
    rows = [
        {"text": text, "label": label}
        for text, label in (("I love it", "positive"), ("It runs on port 80", "neutral"), ("I hate it", "negative"))
        for _ in range(5)
    ]
    first, second = (mood_fitting.fit(rows).probabilities([row["text"] for row in rows]) for _ in range(2))
    assert np.array_equal(first, second)
    assert [sentiment_model.LABELS[place] for place in first.argmax(axis=1)] == [row["label"] for row in rows]


def test_the_spam_model_knows_each_rule():
    assert len(spam_model.load_model().rules) == len(RULES) + 1


def test_the_models_reason_names_words_of_the_text():
    text = "please please watch my new cover guys, it would mean the world to me, i upload every week"
    verdict = judge(text, under_video=True)
    assert verdict.spam
    named = verdict.reasons[-1].split("\u201c")[1:]
    assert named
    assert all(part.split("\u201d")[0] in text for part in named)


def test_a_link_means_more_under_a_video_than_where_people_help_each_other():
    text = "Thanks, see https://example.org/issues/12"
    assert judge(text, under_video=True).score > judge(text).score
    assert not judge(text).spam


def test_of_a_long_text_the_rules_alone_decide():
    text = "The restore took three hours and the log said nothing about why. " * 8
    assert len(text) > spam_model.LONGEST
    assert judge(text, under_video=True).score == judge(text).score


@given(st.lists(st.text(max_size=60), max_size=5))
@settings(max_examples=60, deadline=None)
def test_a_text_is_judged_the_same_whatever_stands_beside_it(texts):
    alone = [judge(text, under_video=True) for text in texts]
    assert judge_all(texts, under_video=True) == alone
    assert judge_all(texts[::-1], under_video=True) == alone[::-1]
    assert all(verdict.spam is (verdict.score >= SPAM_THRESHOLD) for verdict in alone)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_probabilities_are_probabilities_and_their_own(texts):
    model = sentiment_model.load_model()
    together = model.probabilities(texts)
    assert np.allclose(together.sum(axis=1), 1)
    for place, text in enumerate(texts):
        assert np.allclose(model.probabilities([text])[0], together[place], atol=1e-12)


@given(st.lists(st.text(max_size=40), max_size=4), st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_n_grams_are_those_of_each_text(texts, size):
    def naive(text):
        padded = f" {text} "
        return [padded[start : start + size] for start in range(len(padded) - size + 1)]

    batch = Batch(texts)
    (grams,) = batch.characters((size,))
    assert np.bincount(grams.text, minlength=len(texts)).tolist() == [len(naive(text)) for text in texts]
    meanings = {}
    for gram, hashed in zip((part for text in texts for part in naive(text)), grams.hashes.tolist(), strict=True):
        if not any(0xD800 <= ord(letter) < 0xE000 for letter in gram):
            assert meanings.setdefault(hashed, gram) == gram


def test_n_grams_inside_words_cross_no_space():
    batch = Batch(["ab cd"])
    (inside,) = batch.characters((3,), inside_words=True)
    assert len(inside.hashes) == len([" ab", "ab ", " cd", "cd "])


def test_words_signs_and_what_a_negation_reaches():
    batch = Batch(["it isn't good, is it? 😀 not", "good"])
    words = batch.words()
    said = [batch.stretch(start, end) for start, end in zip(words.start, words.end, strict=True)]
    assert said == ["it", "isn't", "good", ",", "is", "it", "?", "😀", "not", "good"]
    assert [word for word, negated in zip(said, words.negated, strict=True) if negated] == ["good"]
    assert words.negated.tolist().index(True) == 2
    assert words.hashes[2] == words.hashes[9] == word_hash("good")
    single, pairs = word_grams(words)
    assert single.hashes[2] != single.hashes[9]
    assert len(pairs.hashes) == len(said) - 2


def test_a_sum_of_weights_is_exact_and_by_text():
    weights = np.array([[1, 1], [-3, 4]], np.int16)
    table = Table(weights, np.array([0.5, 1.0]))
    top = np.uint64(1) << np.uint64(63)
    grams = Grams(np.array([0, top, top], np.uint64), np.array([0, 0, 2]))
    assert table.total([grams], 3).ravel().tolist() == pytest.approx([-1 / np.sqrt(5), 0, -1.5 / 2])


def test_a_flood_does_not_stall_the_models():
    texts = ["a" * 400, "\u0130" * 400, "http://" * 57, "sub " * 100, "\U0001f600" * 400] * 40
    start = time.process_time()
    judge_all(texts, under_video=True)
    sentiment_model.load_model().probabilities(texts)
    assert time.process_time() - start < 50
