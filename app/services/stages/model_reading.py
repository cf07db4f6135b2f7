"""What a model is asked about one analysis, in which order, and what becomes of its answers.

(sentiment of what is unsure) ─▶ topic_names, where nothing is lacked ─▶ opportunities and names ─▶ check ─▶ summary

Everything that was answered is found again by the hash of its prompt, so this may stop and begin anew at any point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from sqlalchemy import bindparam, func, update
from sqlmodel import Session, col, select

from app.models import Analysis, Item, Topic
from app.services import choices
from app.services.contract import ChoiceOption
from app.services.engines import ModelEngine
from app.services.pipeline import model_answers, model_prompts, model_sample, model_words
from app.services.pipeline.local_engine import LocalEngine
from app.services.pipeline.model_answers import Cited, Said
from app.services.pipeline.model_merge import Combiner
from app.services.pipeline.model_prompts import Asked
from app.services.pipeline.proposals import KINDS
from app.services.pipeline.records import OpportunityFound, Record, TopicFound
from app.services.pipeline.synthesise import check, voices
from app.services.pipeline.writers import by_whom
from app.services.reading import worth_weighing
from app.services.stages.model_desk import Desk, NoMoreCalls
from app.services.stages.work import Work
from integrations.contracts import JsonValue

LEAST_WANTING = 3
"""Items of a topic that want something before a model reads it: below that there is nothing to be found."""
MOST_JUDGED = 200
JUDGED_SHARE = 0.05
"""Of the items whose sentiment is least sure, at most so many are judged anew, when that is asked for."""
JUDGED_CHARACTERS = 280
VALUES = {"negative": -0.6, "neutral": 0.0, "positive": 0.6}
"""What a model's word is worth on the scale of the local engine: it gives no degrees."""
_SUMMARY_BYTES, _SUMMARY_TOKENS = 6_000, 900


@dataclass(frozen=True, slots=True)
class Material:
    """What `cluster` left."""

    records: Sequence[Record]
    topics: Sequence[TopicFound]
    intents: Mapping[str, Sequence[str]]
    question: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found, and by whom."""

    found: list[OpportunityFound]
    names: Mapping[int, str] = field(default_factory=dict)
    """New names of topics."""
    summary: list[Cited] = field(default_factory=list)
    complete: bool = True
    """False when the local engine stood in for a part."""
    smaller: bool = False
    """True when a part was read in a smaller sample, as its owner chose."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The prompts that are known before anything is answered. Pairs: in the usual size, and cheaper."""

    names: Sequence[Asked]
    """Of topics in which nobody lacks anything."""
    findings: Sequence[tuple[Asked, Asked]]


def plan(material: Material) -> Plan:
    """Return the prompts for an analysis: the same for the same words."""
    spoken = {record.id: record for record in voices(material.records)}
    wanting = [topic for topic in material.topics if _wanting(topic, spoken, material.intents) >= LEAST_WANTING]
    samples = {
        size: {topic.number: model_sample.sample(topic, spoken, material.intents, size) for topic in wanting}
        for size in (model_sample.STANDARD, model_sample.CHEAPER)
    }
    usual, cheap = (
        model_prompts.finding(wanting, samples[size], size=size, question=material.question)
        for size in (model_sample.STANDARD, model_sample.CHEAPER)
    )
    read = {number for number, shown in samples[model_sample.STANDARD].items() if shown}
    others = [topic for topic in material.topics if topic.number not in read]
    first = {one.number: model_sample.sample(one, spoken, material.intents, model_sample.NAMING) for one in others}
    return Plan(model_prompts.naming(others, first), list(zip(usual, cheap, strict=True)))


class Reading:
    """One analysis, read by a model as far as that goes."""

    def __init__(self, work: Work, engine: ModelEngine, material: Material, desk: Desk | None = None) -> None:
        """Plan the prompts. A claim has one desk: `over` hands it on."""
        self._work = work
        self._engine = engine
        self._material = material
        self._desk = desk or Desk(work, engine)
        self._plan = plan(material)
        self._judging: Sequence[Asked] = ()
        """Prompts that come before those of the plan."""
        self._last: Asked | None = None
        """The prompt of the summary, once it is known."""

    def over(self, material: Material) -> Reading:
        """Return a reading of what has become of the items, in the same claim."""
        return Reading(self._work, self._engine, material, self._desk)

    @property
    def unusable(self) -> str:
        """Why the model was given up, as a sentence; empty when it was not."""
        return self._desk.unusable

    def outcome(self) -> Outcome:
        """Ask, check, and put together. Raises `AwaitsChoice`, `TurnOver` and `ProviderError`."""
        complete = True
        named: dict[int, str] = {}
        said: list[Said] = []
        smaller = False
        topic_of = {item: topic.number for topic in self._material.topics for item in topic.item_ids}
        try:
            for asked in self._plan.names:
                answer = self._asked(asked)
                complete = complete and answer is not None
                named |= model_answers.names(asked, answer)
            for usual, cheap in self._plan.findings:
                asked = usual if self._desk.known(usual) is not None or not self._cheaper() else cheap
                smaller = smaller or asked is cheap
                answer = self._asked(asked)
                complete = complete and answer is not None
                named |= model_answers.names(asked, answer)
                said += model_answers.opportunities(asked, answer, topic_of, self._engine.name)
        except NoMoreCalls:
            complete = False
            said = self._all_known(topic_of, named)
        records = {record.id: record for record in self._material.records}
        names = model_words.topic_names(named, self._material.topics, records)
        topics = [replace(topic, name=names.get(topic.number, topic.name)) for topic in self._material.topics]
        combiner = Combiner(topics, self._material.records, self._material.intents, self._material.records)
        spoken = voices(self._material.records)
        local = LocalEngine(self._material.intents).propose(topics, spoken)
        found = check(combiner.together(local, said), self._material.records, topics, self._material.intents)
        summary: list[Cited] = []
        try:
            summary = self._summary(found, records, combiner)
        except NoMoreCalls:
            complete = False
        if found and all(one.engine == "local" for one in found):
            complete = False  # it answered, and nothing of that could be shown
        return Outcome(found, names, summary, complete, smaller)

    def rescore(self) -> bool:
        """Judge anew how the least sure items sound; returns whether stored items changed.

        When the model is asked no more, what is known counts all the same: it was paid for.
        """
        if self._desk.cursor.get("rescored"):
            return False
        tones: dict[str, str] = {}
        ask = self._asked
        self._judging = model_prompts.judging(least_sure(self._material.records), JUDGED_CHARACTERS)
        for asked in self._judging:
            try:
                answer = ask(asked)
            except NoMoreCalls:
                ask, answer = self._desk.known, None
            tones |= model_answers.tones(asked, answer)
        cursor = self._desk.cursor | {"rescored": True}
        with self._work.commit(cursor=cursor) as (session, analysis):
            store_tones(session, analysis.id, tones)
        self._desk.cursor = cursor
        return bool(tones)

    def _asked(self, asked: Asked) -> JsonValue | None:
        known = self._desk.known(asked)
        if known is not None:
            self._desk.remember(asked)
            return known
        answer = self._desk.ask(asked, self._options)
        self._work.pause_for_others()
        return answer

    def _all_known(self, topic_of: Mapping[str, int], named: dict[int, str]) -> list[Said]:
        """Return what was answered before the model was given up, in either size; adds names of topics to `named`."""
        said: list[Said] = []
        for pair in self._plan.findings:
            for asked in pair:
                answer = self._desk.known(asked)
                if answer is not None:
                    named |= model_answers.names(asked, answer)
                    said += model_answers.opportunities(asked, answer, topic_of, self._engine.name)
                    break
        return said

    def _summary(
        self, found: Sequence[OpportunityFound], records: Mapping[str, Record], combiner: Combiner
    ) -> list[Cited]:
        asked = model_prompts.summing_up(found, records, question=self._material.question)
        if asked is None:
            return []
        self._last = asked
        sentences = combiner.sentences(model_answers.sentences(asked, self._asked(asked)))
        return sentences if len(sentences) > 1 else []

    def _cheaper(self) -> bool:
        with self._work.read() as session:
            analysis = session.get_one(Analysis, self._work.held.analysis_id)
            return choices.mode(analysis) == choices.Choice.CHEAPER

    def _options(self, analysis: Analysis, worst: int) -> list[ChoiceOption]:
        """Return what can be chosen, with what it will cost from now on.

        An answer is possible without a higher cap only when what it promises can be kept: when even the worst case of
        all that is still to be asked fits into the cap.
        """
        left = max(0, analysis.cap_micros - analysis.spent_micros - analysis.reserved_micros)
        options = [self._option("go_on", [usual for usual, _ in self._plan.findings], worst, left)]
        if choices.mode(analysis) != choices.Choice.CHEAPER:
            smaller = [cheap for usual, cheap in self._plan.findings if self._desk.known(usual) is None]
            options.append(self._option("cheaper", smaller, 0, left))
        return [*options, ChoiceOption(choice="stop", likely_micros=0, most_micros=0)]

    def _option(
        self, choice: Literal["go_on", "cheaper"], findings: Sequence[Asked], least: int, left: int
    ) -> ChoiceOption:
        """Return one answer. `findings`: what it would ask for; `least`: what the next call can cost."""
        wanted = [asked.prompt for asked in (*self._judging, *self._plan.names, *findings) if self._open(asked)]
        engine = self._engine
        last = model_prompts.longest_summary() if self._last is None else self._last.prompt
        likely = engine.micros(_SUMMARY_BYTES / 4, _SUMMARY_TOKENS / 2) + sum(map(engine.likely_micros, wanted))
        most = max(least, engine.worst_micros(last) + sum(map(engine.worst_micros, wanted)))
        return ChoiceOption(
            choice=choice,
            likely_micros=min(likely, most),
            most_micros=max(left, most),
            needs_higher_cap=most > left,
        )

    def _open(self, asked: Asked) -> bool:
        return self._desk.known(asked) is None and not self._desk.refused(asked)


def least_sure(records: Sequence[Record]) -> list[Record]:
    """Return the scored items of whose sentiment the local engine is least sure, in an order that ids do not change."""
    scored = [(abs(abs(record.sentiment) - 0.3), record) for record in records if record.sentiment is not None]
    scored.sort(key=lambda pair: (pair[0], pair[1].posted_at, pair[1].permalink))
    return [record for _, record in scored[: min(MOST_JUDGED, round(JUDGED_SHARE * len(scored)))]]


def store_tones(session: Session, analysis_id: str, tones: Mapping[str, str]) -> None:
    """Write what the model said of items, and the mean of their topics anew."""
    if not tones:
        return
    session.connection().execute(
        update(Item)
        .where(col(Item.id) == bindparam("which"), col(Item.analysis_id) == bindparam("whose"))
        .values(sentiment=bindparam("value"), sentiment_label=bindparam("label"))
        .execution_options(synchronize_session=False),
        [
            {"which": item, "whose": analysis_id, "value": VALUES[tone], "label": tone}
            for item, tone in sorted(tones.items())
        ],
    )
    means = session.exec(
        select(Item.topic_number, func.avg(Item.sentiment))
        .where(Item.analysis_id == analysis_id, col(Item.topic_number).is_not(None), *worth_weighing())
        .group_by(col(Item.topic_number))
    ).all()
    for number, mean in means:
        session.connection().execute(
            update(Topic)
            .where(col(Topic.analysis_id) == analysis_id, col(Topic.number) == number)
            .values(sentiment=None if mean is None else round(float(mean), 4))
        )


def local_summary(found: Sequence[OpportunityFound]) -> list[Cited]:
    """Return the three strongest findings as sentences of ours, with what they rest on."""
    return [
        Cited(
            f"{one.title}: {one.items:,} {'item' if one.items == 1 else 'items'} by "
            f"{by_whom(one.authors, one.unnamed)} in {one.threads:,} "
            f"{'thread' if one.threads == 1 else 'threads'}.",
            tuple(dict.fromkeys(quote.item_id for quote in one.evidence))[:12],
        )
        for one in found[:3]
    ]


def _wanting(topic: TopicFound, records: Mapping[str, Record], intents: Mapping[str, Sequence[str]]) -> int:
    return sum(1 for item in topic.item_ids if item in records and set(intents.get(item, ())) & set(KINDS))
