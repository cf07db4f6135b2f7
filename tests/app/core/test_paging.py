from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from app.core.errors import InvalidInput
from app.core.paging import cut, decode_cursor, encode_cursor, id_before, newest_first
from app.models import Workspace


@given(names=st.lists(st.text(alphabet="abc", min_size=1), unique=True), limit=st.integers(1, 5))
def test_pages_together_are_the_whole_list_once(names, limit) -> None:
    names.sort(reverse=True)
    seen: list[str] = []
    cursor = None
    while True:
        before = id_before(cursor)
        rest = [name for name in names if before is None or name < before]
        kept, cursor = cut(rest[: limit + 1], limit, lambda name: [name])
        seen += kept
        if cursor is None:
            break
        assert len(kept) == limit
    assert seen == names


@pytest.mark.parametrize("cursor", ["no cursor", encode_cursor(7), encode_cursor(None), encode_cursor("a", "b")])
def test_a_cursor_that_is_not_an_id_is_refused(cursor) -> None:
    with pytest.raises(InvalidInput, match="start again without it"):
        id_before(cursor)


@pytest.mark.parametrize("limit", [0, 101])
def test_a_limit_that_is_not_served_is_refused(limit) -> None:
    with pytest.raises(InvalidInput, match="ask for 1 to 100"):
        newest_first(select(Workspace), col(Workspace.id), None, limit)


def test_a_cursor_holds_the_whole_key() -> None:
    assert decode_cursor(encode_cursor("2026-07-01", "id", 3), 3) == ["2026-07-01", "id", 3]
