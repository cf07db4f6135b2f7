"""The word vectors, where their package is installed, and which embedder serves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import structlog

from app.cli.examination.checks import State, _embedder
from app.core.settings import EmbedderName, settings
from app.services.pipeline import wordllama_vectors
from app.services.pipeline.cluster import cluster
from app.services.pipeline.embeddings import Vocabulary, corpus_vectors
from app.services.stages import embedder
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


@pytest.fixture
def broken(data_folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Give a way to put a damaged installation in the place of the whole one."""

    def put(**files: bytes) -> None:
        folder = tmp_path / "wordllama"
        for name, content in files.items():
            path = folder / {"weights": wordllama_vectors._WEIGHTS, "tokenizer": wordllama_vectors._TOKENIZER}[name]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        monkeypatch.setattr(wordllama_vectors, "_folder", lambda: folder)

    clear = (wordllama_vectors._load, wordllama_vectors.failure, embedder._warn)
    for each in clear:
        each.cache_clear()
    yield put
    for each in clear:
        each.cache_clear()


@pytest.mark.parametrize("wanted", ["wordllama", "auto"])
def test_without_the_package_the_corpus_serves(wanted, broken, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ASTERISM_EMBEDDER", wanted)
    monkeypatch.setattr(wordllama_vectors, "_NEEDED", ("a_package_that_nobody_has",))
    settings.cache_clear()
    assert chosen_embedder("wordllama") == (EmbedderName.CORPUS, corpus_vectors)


def whole() -> dict[str, bytes]:
    folder = wordllama_vectors._folder()
    assert folder is not None
    return {
        "weights": (folder / wordllama_vectors._WEIGHTS).read_bytes(),
        "tokenizer": (folder / wordllama_vectors._TOKENIZER).read_bytes(),
    }


def other_weights() -> bytes:
    from safetensors.numpy import save  # only where the package is installed

    return save({wordllama_vectors._TENSOR: np.zeros((10, 256), np.float32)})


@installed
@pytest.mark.parametrize("wanted", ["wordllama", "auto"])
@pytest.mark.parametrize(
    ("damage", "there", "said"),
    [
        (dict, False, "are missing"),
        (lambda: {"tokenizer": whole()["tokenizer"]}, False, "are missing"),
        (lambda: {**whole(), "weights": b""}, True, "cannot be loaded"),
        (lambda: {**whole(), "weights": whole()["weights"][:100_000]}, True, "cannot be loaded"),
        (lambda: {**whole(), "weights": other_weights()}, True, "cannot be loaded"),
        (lambda: {**whole(), "tokenizer": b"{}"}, True, "cannot be loaded"),
    ],
    ids=["nothing", "no weights", "empty", "cut off", "of another", "no tokenizer"],
)
def test_a_damaged_package_is_gone_without_and_said_once(damage, there, said, wanted, broken, monkeypatch):
    broken(**damage())
    monkeypatch.setenv("ASTERISM_EMBEDDER", wanted)
    settings.cache_clear()
    assert wordllama_vectors.available() is there
    with structlog.testing.capture_logs() as lines:
        for _ in range(2):
            assert chosen_embedder() == (EmbedderName.CORPUS, corpus_vectors)
    (line,) = lines
    assert (line["event"], line["log_level"]) == ("embedder.absent", "warning")
    assert said in line["reason"]
    finding = _embedder(settings())
    assert (finding.state, said in finding.why) == (State.OFF, True)
    assert "--force-reinstall" in finding.remedy
