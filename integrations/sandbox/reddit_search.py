"""Reddit's search words: `sync "bad network" OR offline -cloud author:name`, matched against titles and texts."""

from __future__ import annotations

import re
from collections.abc import Callable

from integrations.sandbox.items import Item

_TOKEN = re.compile(r'\(|\)|-?(?:\w+:)?"[^"]*"|[^\s()"]+')
_WORD = re.compile(r"\w+")

Test = Callable[[Item, str], bool]
"""Says whether an item fits; the text is its words in lower case with one space around each."""


def searchable(item: Item) -> str:
    """Return the words that search looks at."""
    return _spaced(f"{item.title or ''} {item.text}")


def compiled(query: str) -> Test:
    """Return the test for a query; words side by side must all be there, `OR` binds weaker."""
    tokens = _TOKEN.findall(query)
    test, _ = _either(tokens, 0)
    return test


def _either(tokens: list[str], place: int) -> tuple[Test, int]:
    options: list[Test] = []
    test, place = _all(tokens, place)
    options.append(test)
    while place < len(tokens) and tokens[place] == "OR":
        test, place = _all(tokens, place + 1)
        options.append(test)
    return (lambda item, text: any(option(item, text) for option in options)), place


def _all(tokens: list[str], place: int) -> tuple[Test, int]:
    terms: list[Test] = []
    negate = False
    while place < len(tokens) and tokens[place] not in {")", "OR"}:
        word = tokens[place]
        place += 1
        if word == "AND":
            continue
        if word == "NOT":
            negate = True
            continue
        if word == "(":
            test, place = _either(tokens, place)
            place += 1
        else:
            if word.startswith("-") and len(word) > 1:
                negate, word = not negate, word[1:]
            test = _term(word)
        terms.append(_not(test) if negate else test)
        negate = False
    return (lambda item, text: bool(terms) and all(term(item, text) for term in terms)), place


def _not(test: Test) -> Test:
    return lambda item, text: not test(item, text)


def _term(word: str) -> Test:
    name, colon, value = word.partition(":")
    if colon and name in {"title", "selftext", "author", "subreddit", "self", "flair"}:
        return _field(name, value)
    words = _spaced(word)
    return lambda _item, text: words in text


def _field(name: str, value: str) -> Test:
    words = _spaced(value)
    wanted = words.strip()
    if name == "title":
        return lambda item, _text: words in _spaced(item.title or "")
    if name == "selftext":
        return lambda item, _text: words in _spaced(item.text)
    if name == "author":
        return lambda item, _text: (item.author or "").lower() == value.strip('"').lower()
    if name == "subreddit":
        return lambda item, _text: item.community.lower() == wanted
    return lambda _item, _text: wanted in {"yes", "true", "1", "sample"}


def _spaced(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.lower()))} "
