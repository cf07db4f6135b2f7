"""Names topics by phrases that can stand alone: "dark mode", where its items say "please add dark mode".

A pair of neighbours that is common is often a piece of something: it begins with what one does ("add dark") or ends
before the word that it describes. How the topic's own items go on after a word, and what stands before it, tells that.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Sequence

from app.services.pipeline.embeddings import Vocabulary, stem
from app.services.pipeline.prose import own_words
from app.services.pipeline.stop_words import STOP_WORDS

READ = 200
"""Items read of a topic, those nearest to its middle first."""
_LETTERS = 1_000
"""Characters read of an item."""
_GOES_ON = 0.6
"""Share of a phrase's places after which the same word follows, from which it is a part of the longer phrase."""
_DESCRIBES = 0.35
"""The same where the phrase ends with a word that describes."""
_MOST_WORDS = 3
_SURE = 3
"""Times that a word must stand where one says what is done, before it counts as such."""
_TOKEN = re.compile(r"[^\W\d_](?:[\w]|['\u2019\-](?=\w))*|\S")
# fmt: off
_BEFORE_DOING = frozenset({
    "always", "can", "can't", "cannot", "could", "didn't", "didnt", "doesn't", "don't", "dont", "he", "i", "i'd",
    "i'll", "it", "just", "let", "let's", "may", "might", "must", "never", "not", "please", "she", "should", "they",
    "to", "we", "we'd", "we'll", "who", "will", "won't", "would", "you", "you'd", "you'll",
})
_BEFORE_THING = frozenset({
    "a", "about", "an", "another", "any", "at", "by", "each", "every", "for", "from", "her", "his", "in", "its",
    "more", "my", "no", "of", "on", "our", "per", "some", "the", "their", "these", "this", "those", "with",
    "without", "your",
})
_DOING = frozenset({
    "add", "added", "adding", "adds", "allow", "allowed", "allows", "arrive", "arrives", "assume", "assumes",
    "beat", "become", "behave", "behaves", "bought", "break", "breaks", "bring", "brings", "broke", "brought",
    "buy", "carries", "carry", "choose", "chose", "crash", "crashed", "delete", "deleted", "deletes", "die", "died",
    "disappear", "disappeared", "disappears", "enable", "fail", "failed", "fails", "fix", "fixed", "forget",
    "forgets", "forgot", "grew", "grow", "grows", "happen", "hide", "hides", "hurt", "hurts", "implement",
    "implements", "improve", "improves", "increase", "keep", "leave", "leaves", "left", "lose", "loses", "lost",
    "open", "opens", "paid", "pay", "pays", "prefer", "provide", "provides", "ran", "reduce", "refuse", "refuses",
    "remove", "removed", "removes", "rename", "run", "runs", "say", "says", "send", "sends", "sent", "show",
    "shows", "stop", "stopped", "stops", "switch", "switched", "takes", "tell", "tells", "told", "tried", "tries",
    "try", "turn", "turns", "wait", "waits", "wish", "wishes", "worked", "works", "write", "writes", "wrote",
})
"""Words that say what is done, in an item that gives no other sign."""
_DESCRIBING = frozenset({
    "bigger", "broken", "cheaper", "daily", "dark", "easier", "fast", "faster", "flaky", "larger", "light",
    "monthly", "offline", "slow", "slower", "smaller", "weekly",
})
_NUMERALS = frozenset({
    "eight", "five", "four", "nine", "seven", "six", "ten", "thirty", "three", "twelve", "twenty", "two",
})
# fmt: on


class Phrases:
    """How the words of all topics stand beside each other."""

    def __init__(self, texts: Iterable[str], known: Container[str]) -> None:
        """Read the texts.

        Args:
            texts: Of every topic, at most `READ` of each.
            known: Stems that can be part of a name: those of the vocabulary, which leaves out function words.
        """
        self._known = known
        self._doing: Counter[str] = Counter()
        self._thing: Counter[str] = Counter()
        self._places: Counter[tuple[str, ...]] = Counter()
        self._after: dict[tuple[str, ...], Counter[str]] = {}
        for text in texts:
            self._read(own_words(text[:_LETTERS]).lower().replace("\u2019", "'"))

    def _read(self, text: str) -> None:
        tokens = _TOKEN.findall(text)
        telling = [stem(word) if len(word) > 2 and word not in STOP_WORDS else "" for word in tokens]
        stems = [word if word in self._known else "" for word in telling]
        for at, word in enumerate(stems):
            if not word:
                continue
            before = tokens[at - 1] if at else ""
            self._doing[word] += before in _BEFORE_DOING
            self._thing[word] += before in _BEFORE_THING
            for length in range(1, _MOST_WORDS):
                phrase = tuple(stems[at : at + length])
                if len(phrase) < length or not all(phrase):
                    break
                self._places[phrase] += 1
                follows = stems[at + length] if at + length < len(stems) else ""
                if follows:
                    self._after.setdefault(phrase, Counter())[follows] += 1

    def does(self, word: str) -> bool:
        """Return whether a stem says what is done rather than what there is."""
        doing, thing = self._doing[word], self._thing[word]
        if word in _DOING:
            return doing >= thing
        return doing >= _SURE and doing > 2 * thing

    def named(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return stems as a phrase that can stand alone, made longer or shorter where that helps; else nothing."""
        phrase = tuple(words)
        while len(phrase) > 1 and self.does(phrase[0]):
            phrase = phrase[1:]
        phrase = self._whole(phrase)
        last = phrase[-1]
        # After a word of its own a last word is a thing even where people also do it: "flaky tests", "to test".
        if self.does(phrase[0]) or phrase[0] in _NUMERALS or last in _DOING | _DESCRIBING or last.endswith("ly"):
            return ()
        return phrase if len(set(phrase)) == len(phrase) else ()

    def _whole(self, phrase: tuple[str, ...]) -> tuple[str, ...]:
        while len(phrase) < _MOST_WORDS:
            after = self._after.get(phrase)
            if not after:
                break
            follows, count = min(after.items(), key=lambda pair: (-pair[1], pair[0]))
            # What describes needs its thing, also where things differ: "dark mode" and "dark theme".
            least = _DESCRIBES if phrase[-1] in _DESCRIBING else _GOES_ON
            alone = len(phrase) == 1 or phrase[-1] in _DESCRIBING
            if not alone or count < max(2, least * self._places[phrase]) or self.does(follows):
                break
            phrase = (*phrase, follows)
        return phrase


def topic_name(vocabulary: Vocabulary, phrases: Phrases, ranked: list[tuple[str, float]], taken: set[str]) -> str:
    """Return a phrase of neighbouring words that is common in the topic, else its two strongest words.

    Args:
        vocabulary: Knows how terms are mostly written.
        phrases: How words stand beside each other.
        ranked: Terms with their share of the topic's items, the most telling first.
        taken: Names of larger topics.
    """
    words = [(term, share) for term, share in ranked if " " not in term]
    top = words[0][1] if words else 0.0
    pairs = [phrases.named(term.split(" ")) for term, share in ranked[:12] if " " in term and share >= 0.3 * top]
    things = [word for word, _ in words if not phrases.does(word) and word not in _DESCRIBING | _NUMERALS] or [
        w for w, _ in words
    ]
    candidates = [pair for pair in pairs if len(pair) > 1]
    candidates += [whole for word, _ in words[:3] if len(whole := phrases.named((word,))) > 1]
    names = [" ".join(vocabulary.written(word) for word in phrase) for phrase in candidates]
    names += [
        " and ".join(vocabulary.written(word) for word in (things[0], other))
        for other in things[1:4]
        if len(things) > 1
    ]
    names += [" ".join(vocabulary.written(word) for word in pair) for pair in pairs if len(pair) == 1]
    names += [vocabulary.written(term) for term in (*things, *(term for term, _ in ranked))]
    name = next((name for name in names if name not in taken), None)
    return name or f"{vocabulary.written(ranked[0][0])} ({len(taken) + 1})"
