"""The word vectors, where their package is installed, and which embedder serves."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from app.core.settings import EmbedderName, settings
from app.services.pipeline import wordllama_vectors
from app.services.pipeline.cluster import cluster
from app.services.pipeline.embeddings import Vocabulary, corpus_vectors
from app.services.stages.embedder import chosen_embedder
from tests.app.services.pipeline.test_cluster import SUBJECTS, talk

installed = pytest.mark.skipif(not wordllama_vectors.available(), reason="wordllama is not installed")


def vectors(*texts: str):
    return wordllama_vectors.wordllama_vectors(texts, Vocabulary(texts), seed=0)


@installed
def test_texts_of_one_meaning_are_nearer_than_those_of_one_word():
    texts = (
        "the boat sank in the storm",
        "a ship went down in bad weather",
        "the bank refused my loan, the loan was too large",
        "my loan and my bank, the bank took the loan",
    )
    boat, ship, bank, lender = vectors(*texts, *texts)[:4]  # twice: a term that occurs once is no term
    assert boat @ ship > boat @ bank
    assert bank @ lender > ship @ lender


@installed
def test_rows_have_length_one_and_those_that_say_nothing_are_zeros():
    found = vectors("backup of the server", "", "restore the backup server", "the of and")
    lengths = np.linalg.norm(found, axis=1)
    assert lengths[[0, 2]] == pytest.approx(1, abs=1e-5)
    assert list(lengths[[1, 3]]) == [0, 0]


@installed
def test_topics_are_found_with_it_in_any_order():
    items = [item for _, item in talk(300)]
    one = cluster(items, embedder=wordllama_vectors.wordllama_vectors)
    other = cluster(items[::-1], embedder=wordllama_vectors.wordllama_vectors)
    assert one == other
    assert len(one.topics) >= len(SUBJECTS)


@installed
def test_many_texts_are_seen_along_the_directions_in_which_they_differ_most():
    texts = [item.text for _, item in talk(300)]
    found = vectors(*texts)
    assert found.shape == (300, wordllama_vectors.DIMENSIONS)
    lengths = np.linalg.norm(found, axis=1)
    assert set(lengths.round(4)) <= {0.0, 1.0}
    assert lengths.sum() > 250


@installed
def test_the_weights_are_in_the_wheel_and_no_socket_is_opened():
    code = (
        "import sys\n"
        "def closed(event, arguments):\n"
        "    if event.startswith('socket.'):\n"
        "        raise OSError(event)\n"
        "sys.addaudithook(closed)\n"
        "from app.services.pipeline.embeddings import Vocabulary\n"
        "from app.services.pipeline.wordllama_vectors import wordllama_vectors\n"
        "texts = ['a backup of it', 'another backup of it']\n"
        "assert wordllama_vectors(texts, Vocabulary(texts), seed=0).any()\n"
        "assert 'wordllama' not in sys.modules and 'requests' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@installed
def test_by_itself_the_better_one_serves_and_the_setting_says_otherwise(data_folder, monkeypatch: pytest.MonkeyPatch):
    better = (EmbedderName.WORDLLAMA, wordllama_vectors.wordllama_vectors)
    assert chosen_embedder() == better
    assert chosen_embedder("wordllama") == better
    monkeypatch.setenv("ASTERISM_EMBEDDER", "corpus")
    settings.cache_clear()
    assert chosen_embedder("wordllama") == (EmbedderName.CORPUS, corpus_vectors)
    monkeypatch.setenv("ASTERISM_EMBEDDER", "wordllama")
    settings.cache_clear()
    assert chosen_embedder("corpus") == better


def test_what_was_made_with_the_items_own_words_stays_so(data_folder):
    assert chosen_embedder("corpus") == (EmbedderName.CORPUS, corpus_vectors)


@pytest.mark.parametrize("wanted", ["wordllama", "auto"])
def test_without_the_package_the_corpus_serves(wanted, data_folder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ASTERISM_EMBEDDER", wanted)
    monkeypatch.setattr(wordllama_vectors, "_NEEDED", ("a_package_that_nobody_has",))
    settings.cache_clear()
    assert chosen_embedder("wordllama") == (EmbedderName.CORPUS, corpus_vectors)
