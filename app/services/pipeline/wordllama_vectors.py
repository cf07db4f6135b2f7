"""Static word vectors from the `wordllama` wheel: the embedder that knows words from elsewhere.

Each text is the mean of its tokens' vectors (256 numbers each, `l2_supercat_256`), seen along the `DIMENSIONS`
directions in which the texts differ most: what is left out is mostly chance, and fewer items stay without a topic.
Loaded from the files inside the wheel, since the wheel's own loader may download. The weights derive from LLaMA 2, so
its licence holds for who runs them (`NOTICE`, docs/decisions/004); without the package the items' own words serve.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.services.pipeline.embeddings import Vocabulary, unit
from app.services.pipeline.prose import own_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]

PACKAGE = "wordllama"
INSTALL = "pip install wordllama"
REINSTALL = "pip install --force-reinstall --no-deps wordllama"
NOTICE = (
    "The vectors come from the package wordllama (MIT), whose weights derive from LLaMA 2: Llama 2 is licensed under "
    "the LLAMA 2 Community License, Copyright (c) Meta Platforms, Inc. All Rights Reserved. "
    "ASTERISM_EMBEDDER=corpus goes without them."
)
_NEEDED = (PACKAGE, "tokenizers", "safetensors")
DIMENSIONS = 96
_WEIGHTS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
_TENSOR = "embedding.weight"
_READ = 3_000
"""Characters read of an item."""
_MOST_TOKENS = 512
_SMOOTH = 1e-3


def installed() -> bool:
    """Return whether the packages are there, whole or not; imports nothing of them."""
    return all(find_spec(name) is not None for name in _NEEDED)


def available() -> bool:
    """Return whether the packages and the files that they are used for are there; imports and loads nothing of them."""
    folder = _folder() if installed() else None
    return folder is not None and all((folder / name).is_file() for name in (_WEIGHTS, _TOKENIZER))


@cache
def failure() -> str:
    """Return why no vectors can be made, as the end of a sentence; empty when they can. Loads what makes them.

    It is found out once in a process: whoever mends the installation starts anew.
    """
    if not installed():
        return "the package is not installed"
    if not available():
        return "files of the package are missing"
    try:
        _load()
    except Exception as error:  # noqa: BLE001 - the libraries raise their own kinds and plain ones
        return f"the package cannot be loaded ({type(error).__name__})"
    return ""


def _folder() -> Path | None:
    found = find_spec(PACKAGE)  # not imported: that takes three seconds and 60 MB
    return Path(found.submodule_search_locations[0]) if found and found.submodule_search_locations else None


def wordllama_vectors(texts: Sequence[str], vocabulary: Vocabulary, *, seed: int) -> Matrix:
    """Return one row of `DIMENSIONS` numbers per text, of length 1; of zeros when it says nothing to tell it apart.

    Of up to `DIMENSIONS` texts the rows have all 256 numbers.

    Raises:
        ImportError: The package is not installed.
    """
    del seed
    import numpy as np  # noqa: PLC0415

    tokenizer, table = _load()
    rows = np.zeros((len(texts), table.shape[1]), np.float32)
    tokens = [
        # One by one: a batch would start threads.
        np.array(
            tokenizer.encode(own_words(text[:_READ]).lower(), add_special_tokens=False).ids[:_MOST_TOKENS], np.int32
        )
        for text in texts
    ]
    frequency = np.bincount(np.concatenate([*tokens, np.zeros(0, np.int32)]), minlength=len(table))
    # Frequent tokens tell little: Arora, Liang, Ma 2017, https://openreview.net/forum?id=SyK00v5xx
    weight = _SMOOTH / (_SMOOTH + frequency / max(1, frequency.sum()))
    for place, some in enumerate(tokens):
        if len(some):
            rows[place] = weight[some] @ table[some] / len(some)
    # What all texts share (the language, the tone) tells none of them apart.
    rows -= rows.mean(axis=0)
    silent = np.asarray((vocabulary.matrix != 0).sum(axis=1)).ravel() == 0
    rows[silent] = 0
    if len(rows) > DIMENSIONS:
        # The strongest principal components; turned alike for all texts, so every cosine stays what it is along them.
        rows = unit(rows)
        _, directions = np.linalg.eigh((rows.T @ rows).astype(np.float64))
        rows = rows @ directions[:, -DIMENSIONS:].astype(np.float32)
    return unit(rows)


@cache
def _load() -> tuple[Any, Matrix]:
    """Return tokenizer and table; about 0.2 s and 35 MB, once in a process."""
    import numpy as np  # noqa: PLC0415
    from safetensors.numpy import load_file  # noqa: PLC0415
    from tokenizers import Tokenizer  # noqa: PLC0415

    folder = _folder()
    if folder is None:
        raise ImportError(f"{PACKAGE} is not installed.")
    tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
    table = load_file(str(folder / _WEIGHTS))[_TENSOR].astype(np.float32)
    if table.ndim != 2 or len(table) < tokenizer.get_vocab_size() or not np.isfinite(table).all():
        raise ValueError("The weights are not those of the tokenizer.")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer, table
