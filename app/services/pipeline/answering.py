"""Answers a question in the words of the items that speak of it, with true counts, and never guesses.

hits ──those that cover the question──▶ counted ──their sentences──▶ the closest, by what they do, and against it

Every sentence shown is a span of a stored item, checked word for word. Everything else is a count of items, or our own
words around one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from app.services.pipeline import counter_evidence
from app.services.pipeline.answer_parts import Answered, Fact, Group, Voice, people
from app.services.pipeline.answer_tables import MOST_ROWS, headline, is_whole, table
from app.services.pipeline.injection import speaks_to_machines
from app.services.pipeline.prose import Sentence, own_words, sentences
from app.services.pipeline.quotes import Unlike, extract, long_enough, verify
from app.services.pipeline.records import Quote, Verification
from app.services.pipeline.retrieval import Hit, terms, weight
from app.services.pipeline.understanding import Understood

ITEM_COVERAGE = 0.6
"""Share of the question that an item must cover to speak of it."""
SENTENCE_COVERAGE = 0.5
"""Share that one of its sentences must cover to be shown."""
MOST_READ = 250
"""Items whose sentences are read, the closest first."""
_LEADING = 3
_IN_GROUP = 2
_GROUPS = 3
_SENTENCES = 40
_CONTENT = frozenset({"praise", "positive"})

_DOES = {
    "complaint": ("complains", "complain"),
    "request": ("asks for something", "ask for something"),
    "workaround": ("makes do with a workaround", "make do with a workaround"),
    "switching": ("tells of changing products", "tell of changing products"),
    "willingness_to_pay": ("speaks of paying for it", "speak of paying for it"),
    "comparison": ("compares", "compare"),
    "question": ("asks a question", "ask a question"),
    "praise": ("praises", "praise"),
}


@dataclass(slots=True)
class _Draft:
    asked: Understood
    weights: dict[str, float]
    total: float
    unlike: Unlike = field(default_factory=Unlike)
    shown_authors: set[str] = field(default_factory=set)
    shown_items: set[str] = field(default_factory=set)


def answer(
    asked: Understood,
    hits: Sequence[Hit],
    held: Sequence[int],
    size: int,
    facts: Mapping[str, Fact],
    read: Callable[[Sequence[str]], Sequence[Voice]],
    topics: Mapping[int, str],
) -> Answered:
    """Return what the items say to a question.

    Args:
        asked: The question.
        hits: Items that cover it, the best first; empty when it names nothing to look for.
        held: How many items hold each of its terms.
        size: How many items were searched.
        facts: Of the items inside its scopes, but for mood and intent, which are counted here.
        read: Gives the words of items by their ids.
        topics: Names by number.
    """
    stance: dict[str, str] = {
        scope.name: scope.value for scope in asked.scopes if scope.name in {"sentiment", "intent"}
    }
    if asked.groups:
        within = [facts[hit.item_id] for hit in hits if hit.item_id in facts and hit.coverage >= ITEM_COVERAGE]
    else:
        within = sorted(facts.values(), key=lambda fact: (-fact.upvotes, fact.id))
    counted = [fact for fact in within if _has(fact, stance)]
    if not counted:
        return Answered()
    voices = _voices(read([fact.id for fact in counted[:MOST_READ]]))
    draft = _Draft(
        asked,
        {term: weight(count, size) for group, count in zip(asked.groups, held, strict=True) for term in group},
        sum(weight(count, size) for count in held),
    )
    order = {hit.item_id: place for place, hit in enumerate(hits)}
    ranked = _ranked(draft, voices, order, stance.get("intent"))
    groups = [
        Group("lead", "", len(counted), people(counted), {}, _choose(draft, ranked, _LEADING)),
    ]
    if not groups[0].quotes and (asked.groups or asked.kind == "said"):
        return Answered()
    if "intent" not in stance:
        groups += _by_intent(draft, counted, ranked)
    against = _against(draft, stance, counted, within, voices, read)
    if against is not None:
        groups.append(against)
    title, rows = table(asked, counted, topics)
    return Answered(
        matched=tuple(fact.id for fact in counted),
        authors=people(counted),
        threads=len({fact.thread for fact in counted}),
        headline=headline(asked, counted, size, rows, whole=is_whole(hits, counted)),
        groups=tuple(group for group in groups if group.quotes),
        table=tuple(rows[:MOST_ROWS]),
        table_title=title if rows else "",
        more_rows=max(0, len(rows) - MOST_ROWS),
    )


def _has(fact: Fact, stance: Mapping[str, str]) -> bool:
    return ("sentiment" not in stance or fact.sentiment == stance["sentiment"]) and (
        "intent" not in stance or stance["intent"] in fact.intents
    )


def _voices(found: Sequence[Voice]) -> list[Voice]:
    return [voice for voice in found if not voice.record.removed and not speaks_to_machines(voice.record.text)]


@dataclass(frozen=True, slots=True)
class _Ranked:
    value: float
    voice: Voice
    part: Sentence
    does: frozenset[str]


def _ranked(draft: _Draft, voices: Sequence[Voice], order: Mapping[str, int], wanted: str | None) -> list[_Ranked]:
    """Return the sentences that cover enough of the question, the closest first."""
    found = []
    for voice in voices:
        text = voice.record.text
        own = own_words(text)
        place = order.get(voice.record.id, len(order))
        for part in sentences(text)[:_SENTENCES]:
            if not long_enough(part.text) or not long_enough(own[part.start : part.end]):
                continue
            covered = _covered(draft, own[part.start : part.end])
            if draft.total and covered < SENTENCE_COVERAGE:
                continue
            does = frozenset(span.intent for span in voice.spans if part.start <= span.start < part.end)
            value = covered + 0.2 / (1 + place / 20)
            value += 0.3 if wanted is not None and wanted in does else 0.1 * bool(does - {"question"})
            if wanted != "question" and part.text.rstrip().endswith("?"):
                value -= 0.25
            if len(part.text) > 240:
                value -= 0.2
            found.append(_Ranked(value, voice, part, does))
    return sorted(found, key=lambda each: (-each.value, order.get(each.voice.record.id, 0), each.part.start))


def _covered(draft: _Draft, text: str) -> float:
    if not draft.total:
        return 1.0
    said = set(terms(text))
    return sum(draft.weights[group[0]] for group in draft.asked.groups if said.intersection(group)) / draft.total


def _choose(draft: _Draft, ranked: Iterable[_Ranked], most: int) -> tuple[Quote, ...]:
    """Return quotes of different people and different words, not shown before; each checked again."""
    chosen: list[Quote] = []
    for each in ranked:
        if len(chosen) == most:
            break
        record = each.voice.record
        author = record.author or record.id
        if author in draft.shown_authors or record.id in draft.shown_items:
            continue
        quote = extract(record, around=each.part, alone=True)
        if quote is None or verify(quote.text, record.text)[0] is not Verification.VERIFIED:
            continue
        if record.text[quote.start : quote.end] != quote.text or not draft.unlike.add(quote.text):
            continue
        draft.shown_authors.add(author)
        draft.shown_items.add(record.id)
        chosen.append(quote)
    return tuple(chosen)


def _by_intent(draft: _Draft, counted: Sequence[Fact], ranked: Sequence[_Ranked]) -> list[Group]:
    """Return the commonest things that the items do, but for praise, which stands against."""
    counts = Counter(name for fact in counted for name in fact.intents if name in _DOES and name != "praise")
    groups: list[Group] = []
    for name, items in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        if len(groups) == _GROUPS:
            break
        members = [fact for fact in counted if name in fact.intents]
        quotes = _choose(draft, (each for each in ranked if name in each.does), _IN_GROUP)
        title = f"{items:,} of them {_DOES[name][items != 1]}"
        groups.append(Group(name, title, items, people(members), {"intent": name}, quotes))
    return [group for group in groups if group.quotes]


def _against(
    draft: _Draft,
    stance: Mapping[str, str],
    counted: Sequence[Fact],
    within: Sequence[Fact],
    voices: Sequence[Voice],
    read: Callable[[Sequence[str]], Sequence[Voice]],
) -> Group | None:
    """Return what is said against: by those who are content or doubt, or, where praise was asked for, who complain."""
    if not draft.asked.groups:
        return None
    content = bool(_CONTENT.intersection(stance.values()))
    if stance:
        inside = {fact.id for fact in counted}
        outside = [fact for fact in within if fact.id not in inside]
        voices = _voices(read([fact.id for fact in outside[:MOST_READ]]))
        looked = "of the others that speak of it"
    else:
        looked = "of them"
    of = {voice.record.id: voice for voice in voices}
    if content:
        parts = _complaining(voices)
    else:
        about = [word for group in draft.asked.groups for word in group]
        parts = counter_evidence.find(
            [voice.record for voice in voices], {voice.record.id: voice.intents for voice in voices}, about
        )
    near = {
        item: part
        for item, part in parts.items()
        if _covered(draft, own_words(of[item].record.text)) >= ITEM_COVERAGE
        and _covered(draft, part.text) >= SENTENCE_COVERAGE / 2
    }
    ranked = [_Ranked(0.0, of[item], part, frozenset()) for item, part in near.items()]
    quotes = _choose(draft, ranked, _IN_GROUP)
    if not quotes:
        return None
    authors = len({of[item].record.author or item for item in near})
    if len(voices) == MOST_READ:
        looked = f"of the {MOST_READ} closest"
    does = (
        ("complains", "complain") if content else ("is content with it or doubts it", "are content with it or doubt it")
    )
    return Group(
        "against", f"Against that, {len(near):,} {looked} {does[len(near) != 1]}", len(near), authors, None, quotes
    )


def _complaining(voices: Sequence[Voice]) -> dict[str, Sentence]:
    found: dict[str, Sentence] = {}
    for voice in voices:
        at = [span.start for span in voice.spans if span.intent == "complaint"]
        for part in sentences(voice.record.text)[:_SENTENCES]:
            if any(part.start <= start < part.end for start in at):
                found.setdefault(voice.record.id, part)
    return found
