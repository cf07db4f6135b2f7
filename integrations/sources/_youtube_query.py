"""What can be asked of YouTube: its settings, its query, and the links and names that people paste."""

from __future__ import annotations

import re
from typing import Literal, Self
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from integrations.contracts import ProviderConfig, SourceQuery

_VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")
_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}")
_HANDLE = re.compile(r"@[\w.\-·]{3,30}")
"""https://support.google.com/youtube/answer/11585688"""

_HOSTS = frozenset({"youtube.com", "youtube-nocookie.com"})
_VIDEO_PATHS = frozenset({"shorts", "live", "embed", "v"})
_PREFIX = re.compile(r"(?:yt|youtube):\s*(.+)", re.IGNORECASE | re.DOTALL)


class YouTubeConfig(ProviderConfig):
    """Settings of YouTube."""

    base_url: str = "https://www.googleapis.com/youtube/v3"
    api_key: SecretStr = SecretStr("")
    daily_quota_units: int = Field(
        10_000, ge=0, description="Units that the key's project may use a day; the sandbox counts none."
    )


class YouTubeQuery(SourceQuery):
    """One video with its comments, a channel's videos, or the videos that a search finds."""

    video: str | None = Field(None, title="Video", description="Id of one video, as in its link")
    channel: str | None = Field(None, title="Channel", description="Handle with @, or the channel's id (UC…)")
    search: str | None = Field(None, title="Search words", max_length=300)
    videos: int | None = Field(
        None, ge=1, le=500, title="Most videos", description="Of a channel all, of a search 50, when left open"
    )
    sort: Literal["relevance", "date", "viewCount"] = Field("relevance", title="Order of a search")

    @field_validator("video", "channel", "search", mode="before")
    @classmethod
    def _trim(cls, value: object) -> object:
        return (value.strip() or None) if isinstance(value, str) else value

    @field_validator("video")
    @classmethod
    def _check_video(cls, value: str | None) -> str | None:
        if value is not None and not _VIDEO.fullmatch(value):
            raise ValueError("A video's id has 11 letters, digits, - or _, as in its link.")
        return value

    @field_validator("channel")
    @classmethod
    def _check_channel(cls, value: str | None) -> str | None:
        if value is not None and not _CHANNEL.fullmatch(value) and not _HANDLE.fullmatch(value):
            raise ValueError("Write a channel as @handle, or as its id, which starts with UC.")
        return value

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if sum(value is not None for value in (self.video, self.channel, self.search)) != 1:
            raise ValueError("Name one video, one channel or one search.")
        return self

    def label(self) -> str:
        """Return the query as a person would write it."""
        if self.video:
            return f"video {self.video}"
        if self.channel:
            return self.channel if self.channel.startswith("@") else f"channel {self.channel}"
        return f"“{self.search}” on YouTube"


def recognise(text: str) -> YouTubeQuery | None:
    """Return the query that a pasted YouTube link or a name like `yt:@handle` means.

    Returns None for what is not YouTube's. Raises `ValueError` for what is, but names nothing that can be collected.
    """
    text = text.strip()
    if prefixed := _PREFIX.fullmatch(text):
        return _named(prefixed.group(1).strip())
    parts = urlsplit(text if "://" in text else f"https://{text}")
    if len(text) > 2000 or re.search(r"\s", text) or parts.scheme not in {"http", "https"}:
        return None
    host = (parts.hostname or "").lower()
    path = [unquote(part) for part in parts.path.split("/") if part]
    if host in {"youtu.be", "www.youtu.be"}:
        return YouTubeQuery(video=path[0]) if len(path) == 1 else None
    if host not in _HOSTS and ".".join(host.split(".")[1:]) not in _HOSTS:
        return None
    return _from_path(path, {name: values[0] for name, values in parse_qs(parts.query).items()})


def _named(name: str) -> YouTubeQuery:
    if name.startswith("@") or _CHANNEL.fullmatch(name):
        return YouTubeQuery(channel=name)
    # One word in lower case is a word: that an id has no digit, capital, - or _ happens once in 20,000.
    if _VIDEO.fullmatch(name) and not (name.isalpha() and name.islower()):
        return YouTubeQuery(video=name)
    return YouTubeQuery(search=name)


def _from_path(path: list[str], parameters: dict[str, str]) -> YouTubeQuery | None:
    match path:
        case ["watch"] if parameters.get("v"):
            return YouTubeQuery(video=parameters["v"])
        case [kind, video, *_] if kind in _VIDEO_PATHS:
            return YouTubeQuery(video=video)
        case ["channel", channel, *_] if _CHANNEL.fullmatch(channel):
            return YouTubeQuery(channel=channel)
        case [handle, *_] if handle.startswith("@"):
            return YouTubeQuery(channel=handle)
        case ["results"] if parameters.get("search_query"):
            return YouTubeQuery(search=parameters["search_query"])
    return None
