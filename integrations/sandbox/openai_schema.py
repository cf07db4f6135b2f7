"""Fills any JSON Schema from what is meant: the names of its properties say which meaning goes where.

A meaning is a mapping of plain names (`title`, `items`, `quotes`, `rows`, …) to values; `rows` holds one meaning for
each entry of a list of objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Any
Meaning = Mapping[str, Any]

_NAMES = {
    "title": ("title", "name", "headline", "label_text", "opportunity", "need"),
    "text": (
        "text", "summary", "sentence", "answer", "description", "why", "reason", "statement", "claim", "explanation",
        "comment", "note",
    ),
    "item": ("item", "item_id", "id", "source", "source_id", "passage", "passage_id", "ref", "cite", "citation"),
    "topic": ("topic", "topic_id", "group", "cluster", "topic_number"),
    "quote": ("quote", "span", "excerpt", "words", "evidence_text"),
    "kind": ("kind", "type", "category", "intent"),
    "tone": ("tone", "label", "sentiment", "mood", "polarity", "class"),
    "items": (
        "items", "item_ids", "ids", "sources", "source_ids", "citations", "cites", "passages", "passage_ids", "refs",
        "evidence_ids", "supporting", "for", "evidence",
    ),
    "topics": ("topics", "topic_ids", "groups"),
    "terms": ("terms", "keywords", "tags", "key_terms"),
    "quotes": ("quotes", "evidence", "excerpts", "spans"),
    "against": ("against", "counter", "counter_evidence", "objections", "contra", "opposing"),
    "score": ("score", "value", "rating", "strength", "severity", "importance"),
    "confidence": ("confidence", "certainty", "probability"),
    "found": ("found", "answered", "answerable", "in_data", "supported", "is_answered"),
    "missing": ("missing", "not_in_data", "unanswered", "not_found", "unknown"),
}  # fmt: skip
"""What each meaning may be called in a schema."""

MEANING_OF = {name: meaning for meaning, names in reversed(_NAMES.items()) for name in names}


class BadSchemaError(Exception):
    """A schema that the strict mode does not take; the message says why, as the provider would."""


def fill(schema: Json, meaning: Meaning, *, name: str = "", root: Json = None) -> Json:
    """Return a value that the schema allows, and that says what is meant.

    Args:
        schema: JSON Schema in the strict subset.
        meaning: What there is to say.
        name: The property that the value goes into.
        root: The whole schema, where references lead; `schema` itself when left out.
    """
    root = schema if root is None else root
    schema = _resolved(schema, root, meaning, name)
    kind = schema.get("type")
    kind = next((one for one in kind if one != "null"), "null") if isinstance(kind, list) else kind
    if "const" in schema or "enum" in schema:
        return _chosen(schema.get("enum") or [schema["const"]], meaning, name)
    if kind == "object" or "properties" in schema:
        return {key: fill(part, meaning, name=key, root=root) for key, part in schema.get("properties", {}).items()}
    if kind == "array":
        return _listed(schema, meaning, name, root)
    return _plain(schema, kind, _said(meaning, name))


def _plain(schema: dict[str, Json], kind: Json, said: Json) -> Json:
    if kind in {"number", "integer"}:
        return _number(schema, said, whole=kind == "integer")
    if kind in {"boolean", "null"}:
        return bool(said) if kind == "boolean" else None
    if isinstance(said, list | tuple):
        said = said[0] if said else ""
    text = said if isinstance(said, str) else ""
    longest = schema.get("maxLength")
    return text[:longest] if isinstance(longest, int) else text


def check_strict(schema: Json, where: str = "()") -> None:
    """Raise `BadSchemaError` where a schema is outside the strict subset.

    https://developers.openai.com/api/docs/guides/structured-outputs: every property required, none additional.
    """
    if not isinstance(schema, dict):
        raise BadSchemaError(f"In context={where}, schema must be an object.")
    if where == "()" and schema.get("type") != "object":
        raise BadSchemaError("schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'.")
    if schema.get("type") == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            raise BadSchemaError(
                f"In context={where}, 'additionalProperties' is required to be supplied and to be false."
            )
        missing = sorted(set(properties) - set(schema.get("required", ())))
        if missing:
            raise BadSchemaError(
                f"In context={where}, 'required' is required to be supplied and to be an array including every key in "
                f"properties. Missing '{missing[0]}'."
            )
        for name, part in properties.items():
            check_strict(part, f"{where[:-1]}{', ' if where != '()' else ''}'properties', '{name}')")
    if "items" in schema:
        check_strict(schema["items"], f"{where[:-1]}{', ' if where != '()' else ''}'items')")


def _resolved(schema: Json, root: Json, meaning: Meaning, name: str) -> dict[str, Json]:
    """Follow a reference or choose one of several."""
    for _ in range(20):
        if "$ref" in schema:
            found = root
            for part in str(schema["$ref"]).removeprefix("#/").split("/"):
                found = found.get(part, {}) if isinstance(found, dict) else {}
            schema = found if isinstance(found, dict) else {}
        elif "anyOf" in schema:
            choices = [one for one in schema["anyOf"] if isinstance(one, dict)]
            empty = next((one for one in choices if one.get("type") == "null"), None)
            full = [one for one in choices if one.get("type") != "null"]
            schema = empty if empty is not None and (_said(meaning, name) is None or not full) else (full or [{}])[0]
        else:
            break
    return dict(schema)


def _said(meaning: Meaning, name: str) -> Any:  # noqa: ANN401 - a meaning may be anything
    if name in meaning:
        return meaning[name]
    return meaning.get(MEANING_OF.get(name, name))


def _chosen(choices: list[Json], meaning: Meaning, name: str) -> Json:
    for wanted in (_said(meaning, name), meaning.get("tone"), meaning.get("kind")):
        if wanted is not None and wanted in choices:
            return wanted
    return next((one for one in ("neutral", "other", "none") if one in choices), choices[0])


def _listed(schema: dict[str, Json], meaning: Meaning, name: str, root: Json) -> list[Json]:
    inner = _resolved(schema.get("items", {}), root, meaning, name)
    if inner.get("type") == "object" or "properties" in inner:
        said = _said(meaning, name)
        rows = said if isinstance(said, list) and all(isinstance(one, Mapping) for one in said) else None
        if rows is None:
            rows = meaning.get("quotes" if MEANING_OF.get(name) == "items" else "rows", [])
        filled = [fill(inner, {**row, "rows": []}, root=root) for row in rows]
    else:
        said = _said(meaning, name)
        values = said if isinstance(said, list | tuple) else [] if said is None else [said]
        filled = [value for value in values if isinstance(value, str | int | float)]
        if inner.get("type") == "integer":
            filled = [_number(inner, value, whole=True) for value in filled]
        if "enum" in inner:
            filled = [value for value in filled if value in inner["enum"]]
    most = schema.get("maxItems")
    return filled[:most] if isinstance(most, int) else filled


def _number(schema: dict[str, Json], said: Json, *, whole: bool) -> float | int:
    least, most = schema.get("minimum", float("-inf")), schema.get("maximum", float("inf"))
    if isinstance(said, str) and said.isdecimal():  # a handle that is a number
        said = int(said)
    value = said if isinstance(said, int | float) and not isinstance(said, bool) else 0
    value = float(min(max(value, least), most))
    return round(value) if whole else value
