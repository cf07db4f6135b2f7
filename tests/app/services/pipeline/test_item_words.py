from __future__ import annotations

import pytest

from app.services.pipeline.item_words import COLLECTED, COUNTING, SCORED, item_words


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        (1, COLLECTED, "1 item collected"),
        (1, COUNTING, "1 item that counts"),
        (1, SCORED, "1 scored item"),
        (0, SCORED, "0 scored items"),
        (2_140, COLLECTED, "2,140 items collected"),
    ],
)
def test_one_item_is_no_items(number: int, kind: str, said: str) -> None:
    assert item_words(number, kind) == said
