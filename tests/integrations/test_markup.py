from __future__ import annotations

import time

import pytest

from integrations.markup import plain_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("a &amp; b &lt;b&gt;", "a & b <b>"),
        ("&amp;lt;", "&lt;"),
        ("one<p>two<p>three", "one\n\ntwo\n\nthree"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("I <3 it", "I <3 it"),
        ("<i>so</i> <b>bold</b>", "so bold"),
        (
            '<a href="https:&#x2F;&#x2F;x.org&#x2F;a" rel="nofollow">https:&#x2F;&#x2F;x.org&#x2F;a</a>',
            "https://x.org/a",
        ),
        ('<a href="https://x.org/a-long-one">https://x.org/a-lo...</a>', "https://x.org/a-long-one"),
        ('<a href="https://x.org/">x.org</a>', "https://x.org/"),
        ('<a href="https://x.org/a">this <i>page</i></a>.', "this page (https://x.org/a)."),
        ('<a href="javascript:alert(1)">press</a>', "press"),
        ('<a href="https://x.org">never closed', "never closed (https://x.org)"),
        ("<pre><code>a = 1\nb = 2</code></pre>", "a = 1\nb = 2"),
        ("x<script>alert(1)</script>y<style>p {}</style>z", "xyz"),
        ("x<!-- hidden -->y", "xy"),
        ("<img src=x onerror=alert(1)>", ""),
        ("&lt;script&gt;", "<script>"),
    ],
)
def test_markup_becomes_words(source, text) -> None:
    assert plain_text(source) == text


@pytest.mark.parametrize("piece", ["<a href='", '<a href="x">', "<", "<!--", "<script>", "</a", "&", "<p", '<a b="'])
def test_hostile_markup_is_read_in_one_pass(piece) -> None:
    started = time.process_time()
    plain_text(piece * 50_000)
    assert time.process_time() - started < 20
