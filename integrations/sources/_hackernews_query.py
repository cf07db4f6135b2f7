"""What can be asked of Hacker News: its settings, its query, and the links and names that people paste."""

from __future__ import annotations

import re
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, field_validator, model_validator

from integrations.contracts import ProviderConfig, SourceQuery

Listing = Literal["front_page", "ask_hn", "show_hn"]

_PREFIX = re.compile(r"(?:(?:hn|hackernews):\s*|hn\s+)(\S.*)", re.IGNORECASE | re.DOTALL)
_LISTINGS: dict[str, Listing] = {
    "": "front_page",
    "news": "front_page",
    "front": "front_page",
    "front page": "front_page",
    "ask": "ask_hn",
    "show": "show_hn",
}
_TITLES: dict[Listing, str] = {
    "front_page": "front page of Hacker News",
    "ask_hn": "Ask HN",
    "show_hn": "Show HN",
}


class HackerNewsConfig(ProviderConfig):
    """Settings of Hacker News, which needs no key."""

    base_url: str = "https://hn.algolia.com/api/v1"


class HackerNewsQuery(SourceQuery):
    """One story with its conversation, a search, or one of the lists."""

    story: int | None = Field(None, ge=1, lt=2**53, title="Story", description="Id of one story or comment")
    search: str | None = Field(None, title="Search words", max_length=300)
    listing: Listing | None = Field(None, title="List")
    kind: Literal["all", "story", "comment", "conversation"] = Field(
        "all", title="What a search collects", description="Conversations: stories that match, and all that is below"
    )
    points: int | None = Field(
        None, ge=0, title="Least points", description="Leaves out comments, whose points are not shown"
    )
    sort: Literal["date", "popularity"] = Field(
        "date", title="Order of a search", description="By date all are found, by popularity the first 1,000"
    )

    @field_validator("search", mode="before")
    @classmethod
    def _trim(cls, value: object) -> object:
        return (value.strip() or None) if isinstance(value, str) else value

    @field_validator("story", "listing", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if sum(value is not None for value in (self.story, self.search, self.listing)) != 1:
            raise ValueError("Name one story, one search or one list.")
        if self.kind == "comment" and self.points is not None:
            raise ValueError("Hacker News shows no points of comments; leave the points out.")
        return self

    @property
    def whole(self) -> bool:
        """Whether whole conversations are collected, not single matches."""
        return self.kind == "conversation" or self.search is None

    def label(self) -> str:
        """Return the query as a person would write it."""
        if self.listing is not None:
            return _TITLES[self.listing]
        return f"“{self.search}” on Hacker News" if self.search else f"item {self.story} on Hacker News"


def recognise(text: str) -> HackerNewsQuery | None:
    """Return the query that a pasted link or a name like `hn:self hosted` means.

    Returns None for what is not of Hacker News. Raises `ValueError` for what is, but names nothing to collect.
    """
    text = text.strip()
    if prefixed := _PREFIX.fullmatch(text):
        return _named(prefixed.group(1).strip())
    parts = urlsplit(text if "://" in text else f"https://{text}")
    if len(text) > 2000 or re.search(r"\s", text) or parts.scheme not in {"http", "https"}:
        return None
    host, path = (parts.hostname or "").lower(), parts.path.strip("/")
    parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
    if host == "hn.algolia.com" and not path and parameters.get("q"):
        return HackerNewsQuery(search=parameters["q"])
    if host != "news.ycombinator.com":
        return None
    if path == "item":
        return HackerNewsQuery.model_validate({"story": parameters.get("id")})
    return HackerNewsQuery(listing=_LISTINGS[path]) if path in _LISTINGS else None


def _named(name: str) -> HackerNewsQuery:
    if name.isascii() and name.isdigit() and len(name) > 4:  # shorter ones are rather years
        return HackerNewsQuery(story=int(name))
    listing = _LISTINGS.get(name.lower())
    return HackerNewsQuery(listing=listing) if listing else HackerNewsQuery(search=name)
