"""Takes a change of an opportunity's score apart: rules, scoring, settings, data, and what the topics drew together.

The score is a pure function of the items that speak for the opportunity, so each cause is let in alone, one after the
other, and the score made again; what it moves is its part, and the parts add up to the change exactly:

    score before ─rules─▶ ─scored anew─▶ ─items by other settings─▶ ─new, gone, edited items─▶ ─grouping─▶ score after

Another order would split the points a little differently. What is left for the end, grouping, are items that both
results hold and only one counts: topics are drawn anew each time, from all items and by the engine of the day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from app.services.pipeline.few_people import half_width_of_change, widened
from app.services.pipeline.mind_changers import EVIDENCE
from app.services.pipeline.opportunity_metrics import (
    COLUMNS,
    LEAST_EVIDENCE,
    Around,
    metric_values,
    rescore,
    scores_of,
)
from app.services.pipeline.writers import is_named

RESAMPLES = 200
FURTHEST = 99
"""Points that a score can move: scores go from 1 to 100."""


class Cause(StrEnum):
    """Why a score moved."""

    RULES = "rules"
    """The same items by the rules of the other version."""
    SCORING = "scoring"
    """Mood and intents of unchanged words, judged otherwise."""
    SETTINGS = "settings"
    """Items that one request covered and the other did not, and how much else was looked at for that reason."""
    DATA = "data"
    """Items that were written, edited or taken away, and how much else was said."""
    GROUPING = "grouping"
    """Items that both results hold and only one counts as speaking for it."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One item that speaks for an opportunity, as one of the two results holds it."""

    key: str
    """What names it in both."""
    sums: tuple[float, ...]
    """What it adds to each of `opportunity_metrics.COLUMNS`."""
    shows: tuple[bool, ...]
    """For each metric of `mind_changers.EVIDENCE`, whether the item is evidence: `shows_of(sums)`."""
    person: str
    thread: str
    community: str


def shows_of(sums: Sequence[float]) -> tuple[bool, ...]:
    """Return for which metrics of `mind_changers.EVIDENCE` an item with these columns is evidence."""
    return _shows(tuple([value > 0 for value in sums]))


@cache
def _shows(holds: tuple[bool, ...]) -> tuple[bool, ...]:
    # Of the few ways in which eleven columns can be empty or not, a corpus has some dozens.
    return tuple(any(holds[column] for column in columns) for columns in EVIDENCE.values())


@dataclass(frozen=True, slots=True)
class Side:
    """An opportunity in one result."""

    score: int
    voices: Sequence[Voice]
    total: int
    """Items that it was drawn from."""


@dataclass(frozen=True, slots=True)
class Between:
    """What is known of the items of both sides, by their key."""

    now: Mapping[str, Voice]
    """Items that spoke for it before and are held after too, as they are after."""
    edited: frozenset[str]
    """Of those, the ones with other words, or taken down."""
    by_settings: frozenset[str]
    """Items that one result alone holds, since the other's request did not cover them."""
    by_data: frozenset[str]
    """Items that one result alone holds for any other reason."""
    total_by_settings: int
    """How much larger the whole set is for the settings' sake; negative when smaller."""
    total_by_data: int


@dataclass(frozen=True, slots=True)
class ScorePart:
    """What one cause did to the score."""

    cause: Cause
    points: int
    came: int = 0
    """Items that speak for it by this cause."""
    went: int = 0


def number(voices: Sequence[Voice], total: int) -> int:
    """Return the score that these items make: 1 when there is none."""
    if not voices:
        return 1
    values = metric_values(_sums(voices), _around(voices, total))
    return rescore({name: values[name] for name in _names(voices)})


def parts(before: Side, after: Side, between: Between, *, same_rules: bool) -> list[ScorePart] | None:
    """Return what each cause did, in the order in which they are let in; the points add up to the change.

    Args:
        before: The opportunity in the earlier result.
        after: The same one in the later result, scored by the rules that this version of the program knows.
        between: What is known of the items of both.
        same_rules: Whether both were scored by the same rules.

    Returns:
        None when the stored items do not give the stored scores, so that nothing can be told apart.
    """
    by_old = number(before.voices, before.total)
    if number(after.voices, after.total) != after.score or (same_rules and by_old != before.score):
        return None
    old = {voice.key: voice for voice in before.voices}
    new = {voice.key: voice for voice in after.voices}
    steps = [ScorePart(Cause.RULES, by_old - before.score)]
    standing = {
        key: between.now[key] if key in between.now and key not in between.edited else voice
        for key, voice in old.items()
    }
    total, score = before.total, by_old

    def let_in(cause: Cause, came: int, went: int) -> None:
        nonlocal score
        found = after.score if cause is Cause.GROUPING else number(list(standing.values()), total)
        steps.append(ScorePart(cause, found - score, came, went))
        score = found

    let_in(Cause.SCORING, 0, 0)
    for cause, keys, grown in (
        (Cause.SETTINGS, between.by_settings, between.total_by_settings),
        (Cause.DATA, between.by_data, between.total_by_data),
    ):
        went = [key for key in standing if key in keys and key not in new]
        came = [key for key in new if key in keys and key not in old]
        for key in went:
            del standing[key]
        if cause is Cause.DATA:
            for key in between.edited & standing.keys():
                if key in between.now:
                    standing[key] = between.now[key]
        standing |= {key: new[key] for key in came}
        total += grown
        let_in(cause, len(came), len(went))
    let_in(Cause.GROUPING, len(new.keys() - standing.keys()), len(standing.keys() - new.keys()))
    return steps


def interval(before: Side, after: Side, *, seed: int = 0) -> tuple[int, int]:
    """Return the 90 % interval of the change: the people of both sides resampled together, wider where few differ."""
    import numpy as np  # noqa: PLC0415 - starts threads at import

    change = after.score - before.score
    people = {voice.person: 0 for voice in (*before.voices, *after.voices)}
    if not before.voices or not after.voices or (before.voices == after.voices and before.total == after.total):
        return change, change
    place = {person: at for at, person in enumerate(sorted(people))}
    sides = []
    for side in (before, after):
        by_person = np.zeros((len(place), len(COLUMNS)))
        who = [place[voice.person] for voice in side.voices]
        np.add.at(by_person, who, np.array([voice.sums for voice in side.voices]))
        sides.append((by_person, _around(side.voices, side.total), _names(side.voices)))
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(len(place), np.full(len(place), 1 / len(place)), size=RESAMPLES)
    scores = [scores_of(drawn @ by_person, around, names) for by_person, around, names in sides]
    low, high = np.percentile(np.array(scores[1]) - np.array(scores[0]), [5, 95])
    speak = [{voice.person for voice in side.voices} for side in (before, after)]
    least = half_width_of_change(len(speak[0]), len(speak[1]), len(speak[0] & speak[1]))
    least_change, most_change = widened(change, float(low), float(high), least)
    return max(least_change, -FURTHEST), min(most_change, FURTHEST)


def _sums(voices: Iterable[Voice]) -> list[float]:
    return [sum(column) for column in zip(*(voice.sums for voice in voices), strict=True)]


def _around(voices: Sequence[Voice], total: int) -> Around:
    communities = Counter(voice.community for voice in voices)
    scattered = 1 - sum((count / len(voices)) ** 2 for count in communities.values())
    return Around(total, _named(voices), len({voice.thread for voice in voices}), scattered)


def _named(voices: Sequence[Voice]) -> int:
    """Return how many people they are, those without a name left out: of them nobody knows how many they are."""
    return len({voice.person for voice in voices if is_named(voice.person)})


def _names(voices: Sequence[Voice]) -> list[str]:
    """Return the metrics that there is evidence for."""
    shows = dict(zip(EVIDENCE, map(sum, zip(*(voice.shows for voice in voices), strict=True)), strict=True)) | {
        "frequency": len(voices),
        "market_size": _named(voices),
        "acquisition_difficulty": len({voice.community for voice in voices}),
    }
    return [name for name, count in shows.items() if count >= LEAST_EVIDENCE]
