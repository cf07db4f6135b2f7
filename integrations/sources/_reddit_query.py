"""What can be asked of Reddit: its settings, its query, and the links and names that people paste."""

from __future__ import annotations

import re
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from integrations.contracts import ProviderConfig, SourceQuery

_NAME = re.compile(r"[A-Za-z0-9_]{2,21}")
SHORTEST_NAME, LONGEST_NAME = 2, 21
"""Of a subreddit's name: a new one has three characters at least, a few old ones like r/de have two."""
NAMES = "a subreddit's name has 3 to 21 letters, digits or underscores"
_POST_ID = re.compile(r"[a-z0-9]{1,10}")
_SORTS = frozenset({"new", "hot", "top"})


class RedditConfig(ProviderConfig):
    """Settings of Reddit."""

    base_url: str = "https://oauth.reddit.com"
    auth_url: str = "https://www.reddit.com/api/v1/access_token"
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    user_agent: str = "python:asterism:0.1 (community research)"


class RedditQuery(SourceQuery):
    """A community, a search (in one community or everywhere), or one post with its conversation."""

    subreddit: str | None = Field(None, title="Subreddit", description="Name with or without r/")
    search: str | None = Field(None, title="Search words", max_length=300)
    post: str | None = Field(None, title="Post", description="Id of one post, as in its link")
    sort: Literal["new", "hot", "top"] = Field("new", title="Order")

    @field_validator("subreddit", "search", "post", mode="before")
    @classmethod
    def _trim(cls, value: object) -> object:
        return (value.strip() or None) if isinstance(value, str) else value

    @field_validator("subreddit")
    @classmethod
    def _check_name(cls, value: str | None) -> str | None:
        if value is None:
            return None
        name = re.sub(r"^/?r/", "", value).rstrip("/")
        if not _NAME.fullmatch(name):
            raise ValueError("A subreddit's name has 2 to 21 letters, digits or underscores.")
        return name

    @field_validator("post")
    @classmethod
    def _check_post(cls, value: str | None) -> str | None:
        if value is None:
            return None
        post = value.removeprefix("t3_").lower()
        if not _POST_ID.fullmatch(post):
            raise ValueError("A post's id has letters and digits only, as in its link.")
        return post

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if not (self.subreddit or self.search or self.post):
            raise ValueError("Name a subreddit, a search or a post.")
        if self.post and self.search:
            raise ValueError("Reddit cannot search inside one post; use keywords instead.")
        return self

    def label(self) -> str:
        """Return the query as a person would write it."""
        if self.post:
            return f"post {self.post}"
        place = f"r/{self.subreddit}" if self.subreddit else "all of Reddit"
        return f"“{self.search}” in {place}" if self.search else place

    @classmethod
    def refusal(cls, text: str) -> str:
        """See `SourceQuery`."""
        name = _named(text.strip())
        if not name:
            return ""
        if len(name) > LONGEST_NAME:
            return f"is too long: {NAMES}."
        if len(name) < SHORTEST_NAME:
            return f"is too short: {NAMES}."
        return "" if _NAME.fullmatch(name) else f"has a character that no subreddit has: {NAMES}."

    def identity(self) -> str:
        """Return the same without regard to case: Reddit's names and ids have none."""
        return f"post:{self.post}" if self.post else super().identity().casefold()


def _named(text: str) -> str:
    """Return what stands where a subreddit's name does, in `r/…` or in a link of Reddit's; empty elsewhere."""
    if name := re.fullmatch(r"/?r/([^/\s]+)/?", text):
        return name.group(1)
    link = re.match(r"(?:https?://)?(?:[a-z0-9-]+\.)*reddit\.com/r/([^/\s?#]+)", text, re.IGNORECASE)
    return link.group(1) if link else ""


def recognise(text: str) -> RedditQuery | None:
    """Return the query that a pasted Reddit link or a name like `r/selfhosted` means.

    Returns None for what is not Reddit's. Raises `ValueError` for what is, but names nothing that can be collected.
    """
    text = text.strip()
    if name := re.fullmatch(r"/?r/([^/\s?#]+)/?", text):
        return RedditQuery(subreddit=name.group(1))
    if len(text) > 2000 or re.search(r"\s", text):
        return None
    parts = urlsplit(text if "://" in text else f"https://{text}")
    host = (parts.hostname or "").lower()
    path = [part for part in parts.path.split("/") if part]
    if parts.scheme not in {"http", "https"}:
        return None
    if host in {"redd.it", "www.redd.it"}:
        return RedditQuery(post=path[0]) if len(path) == 1 else None
    if host != "reddit.com" and not host.endswith(".reddit.com"):
        return None
    return _from_path(path, {name: values[0] for name, values in parse_qs(parts.query).items()})


def _from_path(path: list[str], parameters: dict[str, str]) -> RedditQuery | None:
    match path:
        case ["r" | "user" | "u", _, "comments" | "gallery", post, *_] | ["comments" | "gallery" | "tb", post, *_]:
            return RedditQuery(post=post)
        case ["r", name, "search", *_] if parameters.get("q"):
            everywhere = parameters.get("restrict_sr", "on").lower() in {"0", "off", "false"}
            return _search(parameters, None if everywhere else name)
        case ["search", *_] if parameters.get("q"):
            return _search(parameters, None)
        case ["r", name]:
            return RedditQuery(subreddit=name)
        case ["r", name, sort, *_] if sort in _SORTS:
            return RedditQuery.model_validate({"subreddit": name, "sort": sort})
    return None


def _search(parameters: dict[str, str], subreddit: str | None) -> RedditQuery:
    sort = parameters.get("sort", "new")
    return RedditQuery.model_validate(
        {"subreddit": subreddit, "search": parameters["q"], "sort": sort if sort in _SORTS else "new"}
    )
