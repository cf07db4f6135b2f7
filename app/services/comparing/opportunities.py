"""Which opportunity is which, how its score moved, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from app.models import Opportunity
from app.services import verification
from app.services.comparing.coverage import Coverage
from app.services.comparing.items import Alone
from app.services.comparing.score_words import no_parts, part_sentence, why_words
from app.services.comparing.shapes import (
    MetricChangeView,
    OpportunityChangeView,
    OpportunitySideView,
    ScorePartView,
)
from app.services.comparing.voices import Spoken, Voices
from app.services.pipeline.compare import Part, match, words_of
from app.services.pipeline.compare_scores import Between, ScorePart, Side, interval, parts
from app.services.pipeline.opportunity_metrics import RULES

_DIFFERS = 0.005
"""Metrics are shown to two places."""
ENGINE_VERSIONS = ("engine", "vaderSentiment", "scikit-learn", "py3langid", "embedder", "model", "prompts")
"""Versions of what scores, groups and words items."""


class Scores:
    """Scores of two results beside each other."""

    def __init__(self, session: Session, before: Coverage, after: Coverage, new: Alone, gone: Alone) -> None:
        """Read what both sides found."""
        self._before, self._after = before, after
        self._grown = (
            new.weighed_by_settings - gone.weighed_by_settings,
            new.weighed_by_data - gone.weighed_by_data,
        )
        self._totals = (
            verification.weighed(session, before.analysis.id),
            verification.weighed(session, after.analysis.id),
        )
        self._old, self._new = _found(session, before), _found(session, after)
        voices = Voices(session)
        self._spoken = voices.of(before, after), voices.of(after, before)

    def changes(self) -> list[OpportunityChangeView]:
        """Return every opportunity of either side: matched ones by their rank now, then new ones, then gone ones."""
        pairs = self._pairs()
        lefts, rights = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
        matched = [self._matched(self._old[left], self._new[right]) for left, right in pairs]
        came = [self._alone(row, later=True) for row in self._new if row.rank not in rights]
        went = [self._alone(row, later=False) for row in self._old if row.rank not in lefts]
        return [*sorted(matched, key=lambda each: each.after.rank if each.after else 0), *came, *went]

    def _pairs(self) -> list[tuple[int, int]]:
        """Return places in the lists of what is the same: ranks count from 0 without a gap."""
        old, new = self._spoken
        home: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(self._new):
            for voice in new.voices[row.id]:
                home[voice.key].append(place)
        shared: dict[tuple[int, int], int] = defaultdict(int)
        for place, row in enumerate(self._old):
            for voice in old.voices[row.id]:
                for other in home.get(voice.key, ()):
                    shared[place, other] += 1
        return [(pair.left, pair.right) for pair in match(_parts(self._old, old), _parts(self._new, new), shared)]

    def _matched(self, old: Opportunity, new: Opportunity) -> OpportunityChangeView:
        before, after = self._spoken
        left = Side(old.score, before.voices[old.id], self._totals[0])
        right = Side(new.score, after.voices[new.id], self._totals[1])
        mine, theirs = {voice.key for voice in left.voices}, {voice.key for voice in right.voices}
        points = new.score - old.score
        reason = self._no_reason(left, right)
        found = None if reason else parts(left, right, self._between(), same_rules=self._same_rules)
        if found is None and not reason:
            reason = "The stored items do not give the stored scores, so the causes cannot be told apart."
        band = interval(left, right) if self._same_rules and not reason else None
        return OpportunityChangeView(
            change=_change(points, band),
            before=_side(old),
            after=_side(new),
            points=points,
            interval=band,
            shared=len(mine & theirs),
            came=len(theirs - mine),
            went=len(mine - theirs),
            why=reason if found is None else why_words(found, points, mixed=self._engines_differ(old, new)),
            parts=None if found is None else [self._part(each, old, new) for each in found if _says(each)],
            metrics=_metrics(old.metrics, new.metrics),
        )

    def _alone(self, row: Opportunity, *, later: bool) -> OpportunityChangeView:
        spoken = self._spoken[1 if later else 0]
        voices = spoken.voices[row.id]
        fresh = sum(voice.key in spoken.by_data or voice.key in spoken.by_settings for voice in voices)
        return OpportunityChangeView(
            change="new" if later else "gone",
            before=None if later else _side(row),
            after=_side(row) if later else None,
            points=None,
            interval=None,
            shared=0,
            came=len(voices) if later else 0,
            went=0 if later else len(voices),
            why=no_parts(len(voices), fresh, later=later),
            parts=None,
            metrics=[],
        )

    def _part(self, each: ScorePart, old: Opportunity, new: Opportunity) -> ScorePartView:
        return ScorePartView(
            cause=each.cause.value,
            points=each.points,
            came=each.came,
            went=each.went,
            sentence=part_sentence(each, mixed=self._engines_differ(old, new)),
        )

    @property
    def _same_rules(self) -> bool:
        return _rules(self._before) == _rules(self._after)

    def _no_reason(self, left: Side, right: Side) -> str:
        """Return why the causes cannot be told apart; empty when they can."""
        if _rules(self._after) != RULES:
            return (
                f"The later one was scored by rules {_rules(self._after)}, which this version ({RULES}) no longer has; "
                "run it again to see what changed and why."
            )
        if not left.voices or not right.voices:
            return "One of the two was made before the items behind a score were kept; run it again."
        return ""

    def _engines_differ(self, old: Opportunity, new: Opportunity) -> bool:
        versions = self._before.analysis.versions, self._after.analysis.versions
        return old.engine != new.engine or any(
            versions[0].get(name) != versions[1].get(name) for name in ENGINE_VERSIONS
        )

    def _between(self) -> Between:
        before, after = self._spoken
        return Between(
            now=before.now,
            edited=frozenset(before.edited),
            by_settings=frozenset(before.by_settings | after.by_settings),
            by_data=frozenset(before.by_data | after.by_data),
            total_by_settings=self._grown[0],
            total_by_data=self._grown[1],
        )


def _found(session: Session, side: Coverage) -> Sequence[Opportunity]:
    return session.exec(
        select(Opportunity).where(Opportunity.analysis_id == side.analysis.id).order_by(col(Opportunity.rank))
    ).all()


def _parts(rows: Sequence[Opportunity], spoken: Spoken) -> list[Part]:
    return [
        Part(place, sum(voice.key in spoken.now for voice in spoken.voices[row.id]), words_of([row.title]))
        for place, row in enumerate(rows)
    ]


def _rules(side: Coverage) -> str:
    return str(side.analysis.versions.get("metrics", "1"))


def _change(points: int, band: tuple[int, int] | None) -> Any:  # noqa: ANN401 - one of the literals of its field
    if points == 0:
        return "same"
    if band is None:
        return "incomparable"
    if band[0] <= 0 <= band[1]:
        return "unclear"
    return "up" if points > 0 else "down"


def _says(part: ScorePart) -> bool:
    return bool(part.points or part.came or part.went)


def _side(row: Opportunity) -> OpportunitySideView:
    return OpportunitySideView(
        id=row.id,
        title=row.title,
        kind=row.kind,
        rank=row.rank,
        score=row.score,
        score_interval=(row.score_low, row.score_high),
        items=row.items,
        engine=row.engine,
    )


def _metrics(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[MetricChangeView]:
    """Return the metrics that differ as far as they are shown, the furthest first."""
    found = []
    for name in sorted({*old, *new}):
        before = float(old[name]["value"]) if name in old else None
        after = float(new[name]["value"]) if name in new else None
        if before is None or after is None or abs(after - before) >= _DIFFERS:
            found.append(MetricChangeView(name=name, before=before, after=after))
    return sorted(found, key=lambda each: (-abs((each.after or 0) - (each.before or 0)), each.name))
