"""Which column of a file is what, and a good guess of it from the names of the columns and the first rows."""

from __future__ import annotations

import re
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from integrations.files.dates import Order, Unclear, moment, order_of
from integrations.files.rows import MAX_HEADER

Column = Annotated[str, Field(min_length=1, max_length=MAX_HEADER)]


class Mapping(BaseModel):
    """For each field of a comment the column that holds it; None where the file has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Column | None = None
    title: Column | None = None
    author: Column | None = None
    posted_at: Column | None = None
    permalink: Column | None = None
    community: Column | None = None
    external_id: Column | None = None
    parent_id: Column | None = None
    thread_id: Column | None = None
    upvotes: Column | None = None
    date_order: Order | None = None
    """How `03/04/2024` is meant; None until somebody says so."""

    def columns(self) -> dict[str, str]:
        """Return the fields that have a column, with it."""
        return {name: value for name in FIELDS if (value := getattr(self, name)) is not None}


FIELDS: dict[str, tuple[str, str]] = {
    "text": ("Text", "What was said. Without it there is nothing to analyse."),
    "title": ("Title", "A headline above the text."),
    "author": ("Author", "Who said it, to count people and not only voices."),
    "posted_at": ("Date", "When it was said."),
    "permalink": ("Link", "Where it stands on the web, https."),
    "community": ("Community", "Where it was said; else the name of the file."),
    "external_id": ("Id", "What replies point at; else made from the content."),
    "parent_id": ("Parent id", "The id of the comment that it answers."),
    "thread_id": ("Thread id", "The id of the conversation; else found by following the parents."),
    "upvotes": ("Upvotes", "A whole number."),
}
"""Every field, as people call it, and what it is for."""

_NAMES: dict[str, str] = {
    "text": (
        "text body comment content message comment_text review review_text selftext description feedback answer "
        "response kommentar inhalt nachricht antwort bewertung commentaire texte contenu avis comentario texto"
    ),
    "title": "title headline subject post_title titel betreff titre sujet titulo asunto summary",
    "author": (
        "author user username user_name author_name authordisplayname by name nickname reviewer from sender handle "
        "screen_name display_name person people "
        "who customer speaker respondent participant member autor benutzer nutzer auteur utilisateur usuario"
    ),
    "posted_at": (
        "posted_at created_at created createdat created_utc date datetime timestamp time published publishedat "
        "published_at posted when submitted submitted_at datum zeit zeitpunkt fecha heure updated_at"
    ),
    "permalink": "permalink url link href uri source_url lien enlace",
    "community": "community subreddit forum channel group board category product app site source channel_name",
    "external_id": (
        "id comment_id commentid external_id externalid review_id message_id post_id objectid uid guid key"
    ),
    "parent_id": "parent_id parentid parent in_reply_to reply_to in_reply_to_id replyto parent_comment_id",
    "thread_id": ("thread_id threadid thread conversation_id link_id story_id root_id topic_id submission_id video_id"),
    "upvotes": "upvotes score likes like_count likecount votes points ups thumbs_up helpful_votes thumbsupcount",
}


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


_KNOWN: dict[str, dict[str, int]] = {
    field: {_plain(name): place for place, name in enumerate(names.split())} for field, names in _NAMES.items()
}


def guess(columns: Sequence[str], rows: Sequence[AnyMapping[str, str]]) -> Mapping:
    """Return what the columns most likely are.

    Args:
        columns: Their names.
        rows: Some rows, by which a date is told from a word, and talk from a label.
    """
    found: dict[str, str] = {}
    candidates = sorted(
        (place, field, column)
        for column in columns
        for field, places in _KNOWN.items()
        if (place := _place(places, column)) is not None
    )
    for _, field, column in candidates:
        if field not in found and column not in found.values() and _fits(field, column, rows):
            found[field] = column
    if "text" not in found:
        left = [column for column in columns if column not in found.values()] or list(columns)
        longest = max(left, key=lambda column: _length(column, rows), default=None)
        if longest is not None and _length(longest, rows) > 0:
            found = {field: column for field, column in found.items() if column != longest}
            found["text"] = longest
    order = _order(found.get("posted_at"), rows)
    return Mapping.model_validate({**found, "date_order": order})


def _place(places: AnyMapping[str, int], column: str) -> int | None:
    """Return how good a name is for a field: the smaller the better; None when it is none."""
    whole, last = _plain(column), _plain(column.rpartition(".")[2])
    if whole in places:
        return places[whole]
    return places[last] + 50 if last in places else None  # `author.name`, `snippet.publishedAt`


def _fits(field: str, column: str, rows: Sequence[AnyMapping[str, str]]) -> bool:
    cells = [row[column] for row in rows if column in row][:50]
    if not cells:
        return True
    if field == "posted_at":
        return sum(_is_date(cell) for cell in cells) * 2 >= len(cells)
    if field == "upvotes":
        return sum(cell.strip().lstrip("+-").replace(".", "", 1).isdigit() for cell in cells) * 2 >= len(cells)
    if field == "permalink":
        return any("://" in cell for cell in cells)
    if field == "text":
        return not all(cell.strip().isdigit() for cell in cells)
    return True


def _is_date(cell: str) -> bool:
    try:
        moment(cell)
    except Unclear:
        return True
    except ValueError:
        return False
    return True


def _order(column: str | None, rows: Sequence[AnyMapping[str, str]]) -> Order | None:
    """Return the order of day and month when some dates leave no doubt and none speaks against it."""
    if column is None:
        return None
    told: set[Order] = set()
    for row in rows:
        with suppress(KeyError):
            order = order_of(row[column])
            if order is not None and order != "either":
                told.add(order)
    return told.pop() if len(told) == 1 else None


def _length(column: str, rows: Sequence[AnyMapping[str, str]]) -> float:
    """Return how much talk a column holds: links and numbers are none."""
    cells = [row[column] for row in rows if column in row]
    talk = [len(cell) for cell in cells if "://" not in cell and not cell.strip().isdigit()]
    return sum(talk) / max(1, len(rows))
