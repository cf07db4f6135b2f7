"""The map by REST."""

from __future__ import annotations

from app.core.db import Database
from app.models import Item
from app.services.constellation import MapView


def test_the_map_gives_each_placed_item_once(api, story, sqlite_database: Database):
    with sqlite_database.write() as session:
        for place, item_id in enumerate(story.items[:5]):
            row = session.get_one(Item, item_id)
            row.map_x, row.map_y = place / 10, 0.5
            session.add(row)
    shown = MapView.model_validate(api.get(f"/analyses/{story.analysis}/map"))
    assert dict(zip(shown.ids, shown.x, strict=True)) == {
        item_id: place / 10 for place, item_id in enumerate(story.items[:5])
    }
    assert [topic.number for topic in shown.topics] == [0]


def test_an_analysis_without_a_map_gives_an_empty_one(api, story):
    assert MapView.model_validate(api.get(f"/analyses/{story.analysis}/map")) == MapView(items=0)
