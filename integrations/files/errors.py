"""Why a file cannot be taken at all."""

from __future__ import annotations


class NotReadable(ValueError):
    """The file as a whole is nothing that we read; the message is one sentence for the person who brought it."""
