"""Which embedder makes the vectors of an analysis, by the settings and what is installed."""

from __future__ import annotations

import structlog

from app.core.settings import EmbedderName, settings
from app.services.pipeline import wordllama_vectors
from app.services.pipeline.embeddings import Embedder, corpus_vectors

log = structlog.get_logger(__name__)


def chosen_embedder() -> tuple[EmbedderName, Embedder]:
    """Return the embedder and its name; without the package of the one that is set, the one that needs nothing."""
    if settings().embedder is EmbedderName.WORDLLAMA:
        if wordllama_vectors.available():
            return EmbedderName.WORDLLAMA, wordllama_vectors.wordllama_vectors
        log.warning("embedder.absent", wanted=EmbedderName.WORDLLAMA, instead=EmbedderName.CORPUS)
    return EmbedderName.CORPUS, corpus_vectors
