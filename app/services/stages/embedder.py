"""Which embedder makes the vectors of an analysis: by the settings, what is installed, and what made them before."""

from __future__ import annotations

import structlog

from app.core.settings import EmbedderName, settings
from app.services.pipeline import wordllama_vectors
from app.services.pipeline.embeddings import Embedder, corpus_vectors

log = structlog.get_logger(__name__)

STAMP = "embedder"
"""Under which name an analysis's versions keep the embedder."""


def chosen_embedder(before: str | None = None) -> tuple[EmbedderName, Embedder]:
    """Return the embedder and its name; without the package of the one that is wanted, the one that needs nothing.

    Args:
        before: What made the vectors when this was asked the last time: `auto` keeps it, so that topics found again
            differ only where the talk does.
    """
    wanted = settings().embedder
    if wanted is EmbedderName.AUTO and before in set(EmbedderName):
        wanted = EmbedderName(before)
    if wanted is EmbedderName.CORPUS:
        return EmbedderName.CORPUS, corpus_vectors
    if wordllama_vectors.available():
        return EmbedderName.WORDLLAMA, wordllama_vectors.wordllama_vectors
    if wanted is EmbedderName.WORDLLAMA:
        log.warning("embedder.absent", wanted=wanted, instead=EmbedderName.CORPUS)
    return EmbedderName.CORPUS, corpus_vectors
