"""Algolia's filters and words, as far as the Hacker News search knows them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

_FILTER = re.compile(r"\s*(created_at_i|points|num_comments|story_id|parent_id)\s*(<=|>=|!=|<|>|=)\s*(-?\d+)\s*")
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
_TAGS = re.compile(r"\(([^()]*)\)|([^(),]+)")
_TERM = re.compile(r'-?"[^"]*"|\S+')
_WORD = re.compile(r"\w+")

Numbers = dict[str, int]
"""What numeric filters look at; a number that an item has not is left out, and then no filter on it fits."""


class BadFilterError(ValueError):
    """A filter that Algolia would refuse; the message is what it answers."""


def numeric(filters: str) -> Callable[[Numbers], bool]:
    """Return the test for `created_at_i>1,points>=5`. Raises `BadFilterError`."""
    tests = []
    for part in filters.split(",") if filters else ():
        found = _FILTER.fullmatch(part)
        if found is None:
            raise BadFilterError(f"Invalid syntax for numericFilters: `{part}` is not a filter")
        tests.append((found[1], _COMPARE[found[2]], int(found[3])))
    return lambda numbers: all(name in numbers and compare(numbers[name], bound) for name, compare, bound in tests)


def tagged(tags: str) -> Callable[[set[str]], bool]:
    """Return the test for `story,(author_a,author_b)`: all of it, of what stands in brackets one."""
    groups: list[set[str]] = []
    for found in _TAGS.finditer(tags):
        names = {name.strip() for name in (found[1] or found[2] or "").split(",") if name.strip()}
        if names:
            groups.append(names)
    return lambda present: all(names & present for names in groups)


def words_of(query: str) -> list[str]:
    """Return the words to mark in results."""
    return [word for term in _TERM.findall(query.lower()) if not term.startswith("-") for word in _WORD.findall(term)]


def matching(query: str) -> Callable[[str], bool]:
    """Return the test of texts made by `searchable`: every word, the last one as a beginning, "phrases", -without."""
    tests: list[tuple[str, bool]] = []
    terms = _TERM.findall(query.lower())
    for place, term in enumerate(terms):
        wanted = not (term.startswith("-") and len(term) > 1)
        words = " ".join(_WORD.findall(term))
        if not words:
            continue
        whole = '"' in term or place < len(terms) - 1 or not wanted
        tests.append((f" {words} " if whole else f" {words}", wanted))
    return lambda text: all((words in text) is wanted for words, wanted in tests)


def searchable(text: str) -> str:
    """Return a text as `matching` wants it."""
    return f" {' '.join(_WORD.findall(text.lower()))} "
