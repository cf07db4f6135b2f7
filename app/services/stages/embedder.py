"""Which embedder makes the vectors of an analysis: by the settings, what is installed, and what made them before."""

from __future__ import annotations

from functools import cache

import structlog

from app.core.settings import EmbedderName, settings
from app.services.pipeline import wordllama_vectors
from app.services.pipeline.embeddings import Embedder, corpus_vectors

log = structlog.get_logger(__name__)

STAMP = "embedder"
"""Under which name an analysis's versions keep the embedder."""


def chosen_embedder(before: str | None = None) -> tuple[EmbedderName, Embedder]:
    """Return the embedder and its name; where the one that is wanted cannot be used, the one that needs nothing.

    The word vectors are loaded here, so that the name is of what really makes the vectors.

    Args:
        before: What made the vectors when this was asked the last time: `auto` keeps it, so that topics found again
            differ only where the talk does.
    """
    wanted = settings().embedder
    if wanted is EmbedderName.AUTO and before in set(EmbedderName):
        wanted = EmbedderName(before)
    if wanted is EmbedderName.CORPUS:
        return EmbedderName.CORPUS, corpus_vectors
    why = wordllama_vectors.failure()
    if not why:
        return EmbedderName.WORDLLAMA, wordllama_vectors.wordllama_vectors
    if wanted is EmbedderName.WORDLLAMA or wordllama_vectors.installed():
        _warn(str(wanted), why)
    return EmbedderName.CORPUS, corpus_vectors


@cache
def _warn(wanted: str, why: str) -> None:
    """Say it once in a process, and not of each analysis."""
    log.warning("embedder.absent", wanted=wanted, instead=str(EmbedderName.CORPUS), reason=why)
