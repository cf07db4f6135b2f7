"""YouTube's search over videos and channels: all words of `q`, `-without` and `this|that`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

from integrations.sandbox.items import Community, Item
from integrations.sandbox.youtube_request import Refused
from integrations.sandbox.youtube_wire import Thing, Wire

_ORDERS: dict[str, Callable[[Item], float]] = {
    "date": lambda item: item.age_seconds,
    "rating": lambda item: -item.score,
    "viewCount": lambda item: -item.score,
    "relevance": lambda item: item.age_seconds / 86_400 - item.score / 40,
}
_TERM = re.compile(r'-?"[^"]+"|\S+')


class Finder:
    """Searches the videos of all channels."""

    def __init__(self, wire: Wire, channels: Mapping[str, Community], videos: list[Item]) -> None:
        self._wire = wire
        self._channels = channels
        self._videos = [
            (video, f"{video.title} {video.text} {channels[video.community].title}".lower()) for video in videos
        ]

    def found(self, query: Mapping[str, str], channel: Community | None, kinds: list[str]) -> list[Callable[[], Thing]]:
        """Return what writes each result, in order. Raises `Refused` for an order or a time that there is not."""
        words = query.get("q", "").lower()
        after, before = _moment(query, "publishedAfter"), _moment(query, "publishedBefore")
        found = []
        for video, text in self._videos if "video" in kinds else ():
            if channel is not None and video.community != channel.name:
                continue
            published = self._wire.published(video)
            if (after and published < after) or (before and published >= before):
                continue
            if fits(words, text):
                found.append(video)
        order = query.get("order", "relevance")
        if order == "title":
            found.sort(key=lambda video: str(video.title).lower())
        elif order in _ORDERS:
            found.sort(key=_ORDERS[order])
        else:
            raise Refused("invalidParameter", f"Invalid string value: '{order}'.", "order")
        writers: list[Callable[[], Thing]] = []
        if "channel" in kinds and channel is None and words:
            known = [one for one in self._channels.values() if fits(words, f"{one.title} {one.name}".lower())]
            writers += [partial(self._wire.found_channel, one) for one in known]
        return writers + [partial(self._wire.found_video, video) for video in found]


def fits(words: str, text: str) -> bool:
    """Say whether a text in lower case has every term; `-term` must not be there, of `a|b` one is enough."""
    for term in _TERM.findall(words):
        wanted, bare = not term.startswith("-") or term == "-", term.lstrip("-")
        options = [option.strip('"') for option in bare.split("|") if option.strip('"')]
        if options and any(option in text for option in options) is not wanted:
            return False
    return True


def _moment(query: Mapping[str, str], name: str) -> str:
    value = query.get(name, "")
    if not value:
        return ""
    try:
        told = datetime.fromisoformat(value)
    except ValueError:
        told = None
    if told is None or told.tzinfo is None:
        raise Refused("invalidParameter", f"Invalid value for {name}: '{value}' is not an RFC 3339 time.", name)
    return told.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
