"""All words of one voice: topics by tone and language, what is planted among them, and the places to talk.

Voice `a` fills the sandbox. Voice `b` says the same in other words, written apart from the first: whoever fitted
patterns to `a` measures on `b` what they are worth.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import cast

from integrations.sandbox.items import MARK, Community
from integrations.sandbox.phrases import Lexicon, material
from integrations.sandbox.planting import Planter
from integrations.sandbox.talk import Topic

SOURCES = ("reddit", "youtube", "hackernews")
VOICES = ("a", "b")
_LANGUAGE_FILES = {"de": "german", "es": "spanish", "fr": "french"}

Lists = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """A community and what is talked about there."""

    community: Community
    items: int
    """At scale 1."""
    topics: dict[str, int]
    """Weights by topic id."""


@dataclass(frozen=True, slots=True)
class Need:
    """A planted need."""

    id: str
    title: str


class Bank:
    """The words of one voice."""

    def __init__(self, voice: str = "a") -> None:
        """Load a voice. Raises `ValueError` for an unknown one."""
        if voice not in VOICES:
            raise ValueError(f"There is no voice {voice!r}; choose one of {', '.join(VOICES)}.")
        self._entries = {str(entry["id"]): entry for entry in _entries()}
        self.needs = tuple(
            Need(name, str(entry["title"])) for name, entry in self._entries.items() if entry.get("title")
        )
        common = material("common")
        self.names = Lexicon(cast("Lists", common["lists"]))
        self._topics: dict[tuple[str, str], dict[str, Topic]] = {}
        if voice == "a":
            self._load_first()
        else:
            self._load_second()

    def topics(self, source: str, language: str) -> dict[str, Topic]:
        """Return the topics that are talked about in a language at a source, by id."""
        return self._topics.get((source, language), {})

    def others(self, topic: Topic, source: str) -> list[Topic]:
        """Return the same topic in all other languages that it is talked about in."""
        found = [topics.get(topic.id) for (place, _), topics in self._topics.items() if place == source]
        return [other for other in found if other is not None and other.language != topic.language]

    def planter(self, source: str) -> Planter:
        """Return who plants spam and the like at a source."""
        return Planter(self._spam[source], self._injection)

    def _load_first(self) -> None:
        tones = {"reddit": self.names}
        planted = material("planted")
        spam = cast("Lists", planted["spam"])
        self._spam = {"reddit": Lexicon(spam)}
        self._injection = Lexicon(cast("Lists", planted["injection"]))
        for source in SOURCES[1:]:
            own = material(source)
            tones[source] = Lexicon(cast("Lists", own["lists"]), self.names)
            more = cast("Lists", own["spam"])
            self._spam[source] = Lexicon({name: phrases + more.get(name, []) for name, phrases in spam.items()})
        words = {name: _lists(entry) for name, entry in self._entries.items()}
        languages = {code: material(name) for code, name in _LANGUAGE_FILES.items()}
        self._fill(tones, words, languages, words)

    def _load_second(self) -> None:
        bank = material("voice_b")
        common = Lexicon(cast("Lists", bank["lists"]))
        tones = dict.fromkeys(SOURCES, common) | {"youtube": Lexicon(cast("Lists", bank["youtube"]), common)}
        planted = cast("dict[str, Lists]", bank["planted"])
        self._spam = dict.fromkeys(SOURCES, Lexicon(planted["spam"]))
        self._injection = Lexicon(planted["injection"])
        words = cast("dict[str, Lists]", bank["topics"])
        self._fill(tones, words, cast("dict[str, dict[str, object]]", bank["languages"]), words)

    def _fill(
        self,
        tones: dict[str, Lexicon],
        words: dict[str, Lists],
        languages: dict[str, dict[str, object]],
        brands: dict[str, Lists],
    ) -> None:
        for source, tone in tones.items():
            self._topics[source, "en"] = {name: self._topic(name, lists, tone) for name, lists in words.items()}
        for code, loaded in languages.items():
            tone = Lexicon(cast("Lists", loaded["lists"]))
            topics = {
                name: self._topic(
                    name, {"tool": brands[name]["tool"], "rival": brands[name]["rival"], **lists}, tone, code
                )
                for name, lists in cast("dict[str, Lists]", loaded["topics"]).items()
            }
            for source in SOURCES[:2]:
                self._topics[source, code] = topics

    def _topic(self, name: str, lists: Lists, tone: Lexicon, language: str = "en") -> Topic:
        title = self._entries[name].get("title")
        return Topic(name, str(title) if title else None, Lexicon(lists, tone), language)


def places(source: str) -> tuple[Place, ...]:
    """Return the places of one source; on Reddit the older six first."""
    found = list(_first_places()) if source == "reddit" else []
    found += [
        Place(
            community=_community(source, place + len(found), entry),
            items=cast("int", entry["items"]),
            topics=cast("dict[str, int]", entry["topics"]),
        )
        for place, entry in enumerate(_entries_of("places", source))
    ]
    return tuple(found)


@cache
def _first_places() -> tuple[Place, ...]:
    everything = _entries_of("topics", "topics") + _entries_of("topics", "chatter")
    found = []
    for place, entry in enumerate(_entries_of("topics", "communities")):
        name = str(entry["name"])
        weights = {str(one["id"]): cast("dict[str, int]", one["communities"]).get(name, 0) for one in everything}
        items = int(8_400 * cast("float", entry["share"]))
        found.append(Place(_community("reddit", place, entry), items, weights))
    return tuple(found)


def _community(source: str, place: int, entry: dict[str, object]) -> Community:
    name = str(entry["name"])
    return Community(
        name=name,
        external_id=_external_id(source, place, name),
        title=f"{MARK} · {entry['title']}",
        description=f"{MARK}: made-up talk, no real people. {entry['about']}",
        subscribers=cast("int", entry["subscribers"]),
        source=source,
        language=str(entry.get("language", "en")),
    )


def _external_id(source: str, place: int, name: str) -> str:
    if source == "reddit":
        return "t5_" + base36(int("7s000", 36) + place * 77)
    if source == "youtube":
        return f"UC{MARK}{name[:16]:_<16}"
    return name


def base36(number: int) -> str:
    """Write a number as Reddit writes its ids."""
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"


def _entries() -> list[dict[str, object]]:
    return _entries_of("topics", "topics") + _entries_of("topics", "chatter") + _entries_of("more_topics", "topics")


def _entries_of(name: str, key: str) -> list[dict[str, object]]:
    return cast("dict[str, list[dict[str, object]]]", material(name))[key]


def _lists(entry: dict[str, object]) -> Lists:
    return {name: value for name, value in entry.items() if isinstance(value, list)}
