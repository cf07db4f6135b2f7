"""What the stand-in for a language model makes of a prompt: what there is to say, from the texts in it alone.

    data (JSON) ──▶ groups of texts ──task──▶ a meaning with rows ──openai_schema.fill──▶ the answer

The task is known by the prompt's name. A prompt with another name is read like one that asks for a summary.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from integrations.sandbox import reading

LEAST_VOICES = 2
"""So many texts of a group must want something before that is called an opportunity."""
_QUOTES = 3
_OPENING = 6
"""Words of the one quote of an opportunity, where the schema asks for it alone."""
_LONGEST_QUOTE = 240
_SENTENCES = 5
_COVERED = 0.5
"""Share of a question's weight that a passage must hold to answer it."""

_TITLES = {
    "request": "Better {}",
    "complaint": "More reliable {}",
    "workaround": "Less manual work with {}",
    "switching": "An alternative for {}",
    "willingness_to_pay": "Better {} that people would pay for",
    "question": "Easier {}",
}
Meaning = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """One text to read."""

    id: str
    """Empty where the prompt gives none."""
    text: str
    says: str = ""
    """`for` or `against`, where the prompt tells."""


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that belong together."""

    id: str = ""
    title: str = ""
    terms: tuple[str, ...] = ()
    texts: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """What stands in the data of a prompt."""

    groups: tuple[Group, ...] = ()
    question: str = ""
    texts: tuple[Text, ...] = field(default=())
    """Of all groups."""


def read(data: str) -> Read:
    """Return what the data of a prompt holds; nothing when it is no JSON object."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return Read()
    if not isinstance(value, dict):
        return Read()
    nested = [value[name] for name in ("topics", "groups", "findings", "opportunities") if _objects(value.get(name))]
    groups = tuple(_group(one) for listed in nested for one in listed)
    loose = tuple(_texts(value))
    topic = value.get("topic")
    if loose:
        own = _group(topic) if isinstance(topic, dict) else Group(title=topic if isinstance(topic, str) else "")
        groups += (Group(own.id, own.title, own.terms or _strings(value.get("terms")), own.texts + loose),)
    question = value.get("question")
    return Read(
        groups,
        question if isinstance(question, str) else "",
        tuple(text for group in groups for text in group.texts),
    )


def meaning_of(name: str, data: str) -> Meaning:
    """Return what there is to say to a prompt."""
    return TASKS.get(name, _summary)(read(data))


def _group(value: dict[str, Any]) -> Group:
    name = next((value[key] for key in ("topic", "id", "group", "number") if isinstance(value.get(key), str | int)), "")
    title = next((value[key] for key in ("title", "name") if isinstance(value.get(key), str)), "")
    return Group(str(name), title, _strings(value.get("terms")), tuple(_texts(value)))


def _texts(value: dict[str, Any]) -> Iterator[Text]:
    for name in ("items", "passages", "texts", "comments"):
        listed = value.get(name)
        if isinstance(listed, dict):
            yield from (Text(str(key), text) for key, text in listed.items() if isinstance(text, str))
        for one in listed if isinstance(listed, list) else []:
            if isinstance(one, str):
                yield Text("", one)
            elif isinstance(one, dict):
                key = next((one[key] for key in ("item", "id", "passage", "item_id") if key in one), "")
                said = next((one[key] for key in ("text", "quote", "body") if isinstance(one.get(key), str)), "")
                yield Text(str(key), said, str(one.get("says") or one.get("stance") or ""))


def _objects(value: Any) -> bool:  # noqa: ANN401 - foreign JSON
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _strings(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - foreign JSON
    if isinstance(value, str):
        return tuple(part for one in value.split(",") if (part := one.strip()))
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _phrase(group: Group, texts: list[str]) -> str:
    """Return two or three words that say what texts have in common, in their own words."""
    common = reading.shared(texts)
    known = {reading.root(word) for term in group.terms for word in reading.words(term)}
    pairs: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        line = reading.words(text)
        pairs.update(set(pairwise(line)))
    chosen = {reading.root(word) for word in common[:12]} | known
    best = [
        pair
        for pair, number in pairs.items()
        if number >= 2 and pair[0] != pair[1] and all(reading.root(word) in chosen for word in pair)
    ]
    if best:
        commonest: tuple[str, ...] = min(best, key=lambda pair: (-pairs[pair], pair))
        return " ".join(commonest)
    terms = [word for term in group.terms for word in reading.words(term)]
    line = list({reading.root(word): word for word in (*terms, *common)}.values())
    return " ".join(line[:2])


def _names(found: Read) -> Meaning:
    rows = []
    for group in found.groups:
        phrase = _phrase(group, [text.text for text in group.texts])
        rows.append({"topic": group.id, "title": _capital(phrase), "terms": list(group.terms)})
    names = [row["title"] for row in rows]
    return {
        "rows": rows,
        "names": names,
        "title": rows[0]["title"] if rows else "",
        "terms": rows[0]["terms"] if rows else [],
    }


def _opportunities(found: Read) -> Meaning:
    rows: dict[str, Meaning] = {}
    for group in found.groups:
        wishes = [(text, wish) for text in group.texts if (wish := reading.wish(text.text)) is not None]
        wanted = [pair for pair in wishes if pair[1].kind != "question"]
        if len(wanted) < LEAST_VOICES:
            continue
        phrase = _phrase(group, [text.text for text, _ in wanted])
        if not phrase:
            continue
        clause = reading.clause([text.text for text, _ in wanted])
        kind = Counter(wish.kind for _, wish in wanted).most_common(1)[0][0]
        objections = [(text, said) for text in group.texts if (said := reading.objection(text.text)) is not None]
        row = {
            "topic": group.id,
            "topics": [group.id],
            "title": f"A way to {clause}" if clause else _TITLES[kind].format(phrase),
            "text": f"Several people want to {clause}, and cannot."
            if clause
            else f"Several people lack good {phrase}.",
            "kind": kind,
            "items": [text.id for text, _ in wanted],
            "quote": " ".join(wanted[0][1].text.split(" ")[:_OPENING]),
            "quotes": [_quote(text, wish.text) for text, wish in wanted[:_QUOTES]],
            "against": [_quote(text, said) for text, said in objections[:2]],
            "score": round(min(1.0, len(wanted) / max(1, len(group.texts))), 2),
            "confidence": 0.7,
        }
        known = rows.get(clause or phrase)
        if known is not None:  # the same need in another group
            for name in ("items", "quotes", "against", "topics"):
                known[name] += row[name]
        else:
            rows[clause or phrase] = row
    return {"rows": list(rows.values()), "names": _names(found)["names"], "found": bool(rows)}


def _quote(text: Text, said: str) -> Meaning:
    if len(said) > _LONGEST_QUOTE:
        said = said[: said.rfind(" ", 0, _LONGEST_QUOTE)]
    return {"item": text.id, "quote": said, "text": said}


def _summary(found: Read) -> Meaning:
    rows: list[Meaning] = []
    for group in found.groups:
        supporting = [text for text in group.texts if text.says != "against" and text.id]
        opposed = [text for text in group.texts if text.says == "against" and text.id]
        what = _plain(group.title) or _phrase(group, [text.text for text in supporting])
        if supporting and what:
            rows.append({"text": f"People want {what}.", "items": [text.id for text in supporting[:4]]})
        if opposed and what:
            rows.append({"text": "Others see no problem there.", "items": [text.id for text in opposed[:4]]})
    rows = rows[:_SENTENCES]
    return {
        "rows": rows,
        "text": " ".join(row["text"] for row in rows),
        "items": [item for row in rows for item in row["items"]],
        "found": bool(rows),
    }


def _sentiment(found: Read) -> Meaning:
    rows = []
    for text in found.texts:
        score = reading.mood(text.text)
        tone = reading.tone(score)
        rows.append({"item": text.id, "tone": tone, "score": score, "confidence": round(0.5 + abs(score) / 2, 2)})
    return {"rows": rows}


def _cited_answer(found: Read) -> Meaning:
    """Answer with the sentences that hold most of the question's telling words, each with where it stands."""
    asked = {reading.root(word) for word in reading.words(found.question)}
    held = Counter(root for text in found.texts for root in asked & _roots(text.text))
    weights = {root: math.log(1 + len(found.texts) / held[root]) if held[root] else 2.0 for root in asked}
    total = sum(weights.values())
    ranked = []
    for place, text in enumerate(found.texts):
        for sentence in reading.sentences(text.text)[:30]:
            covered = sum(weights[root] for root in asked & _roots(sentence)) / total if total else 0.0
            if covered >= _COVERED and not reading.is_order(sentence) and len(sentence.split()) >= 3:
                ranked.append((-covered, place, sentence, text))
                break
    ranked.sort(key=lambda one: one[:2])
    rows = [
        {**_quote(text, sentence), "items": [text.id], "quotes": [_quote(text, sentence)], "confidence": 0.7}
        for _, _, sentence, text in ranked[:_SENTENCES]
    ]
    return {
        "rows": rows,
        "found": bool(rows),
        "missing": not rows,
        "text": " ".join(row["text"] for row in rows) if rows else "The items do not say.",
        "items": [row["item"] for row in rows],
        "quotes": [quote for row in rows for quote in row["quotes"]],
        "confidence": 0.7 if rows else 0.0,
    }


def _roots(text: str) -> set[str]:
    return {reading.root(word) for word in reading.words(text)}


def _plain(title: str) -> str:
    return f"{title[:1].lower()}{title[1:]}".strip(" .")


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


TASKS: dict[str, Callable[[Read], Meaning]] = {
    "topic_names": _names,
    "opportunities": _opportunities,
    "summary": _summary,
    "sentiment": _sentiment,
    "cited_answer": _cited_answer,
}
