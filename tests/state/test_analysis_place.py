from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from app.services.items import ItemFilters
from state.analysis_place import FILTERS, TABS, Place, items_href, parse

ID = "019a0000-0000-7000-8000-000000000001"


def _visit(href: str) -> Place:
    parts = urlsplit(href)
    return parse(parts.path, dict(parse_qsl(parts.query)))


@given(
    tab=st.sampled_from(TABS),
    filters=st.dictionaries(st.sampled_from(FILTERS), st.text(min_size=1, max_size=40), max_size=4),
)
def test_an_address_says_where_it_leads(tab: str, filters: dict[str, str]) -> None:
    place = Place(ID, tab, filters if tab == "items" else {})  # type: ignore[arg-type]

    assert _visit(place.href()) == place


def test_every_filter_of_the_address_is_one_of_the_service() -> None:
    assert set(FILTERS) == set(ItemFilters.model_fields)


def test_an_unknown_tab_and_unknown_parameters_are_left_out() -> None:
    assert parse(f"/analyses/{ID}/", {"tab": "secrets", "sort": "x"}) == Place(ID)


def test_a_changed_filter_starts_the_paging_again() -> None:
    place = Place(ID, "items", {"sentiment": "negative"}, "cursor")

    assert place.with_filter("topic", "3") == Place(ID, "items", {"sentiment": "negative", "topic": "3"})
    assert place.with_filter("sentiment", "") == Place(ID, "items")


def test_the_export_has_the_same_filters_and_no_page() -> None:
    place = Place(ID, "items", {"text": "a b", "topic": "0"}, "cursor")

    assert place.export_href() == f"/api/v1/analyses/{ID}/exports/items.csv?text=a+b&topic=0"


def test_a_number_leads_to_its_items() -> None:
    assert items_href(ID, topic=0, sentiment="negative") == f"/analyses/{ID}?tab=items&topic=0&sentiment=negative"


def test_the_map_has_an_address_of_its_own() -> None:
    assert Place(ID, "map").href() == f"/analyses/{ID}/map"
    assert parse(f"/analyses/{ID}/map", {"tab": "items"}) == Place(ID, "map")
    assert parse(f"/analyses/{ID}", {"tab": "map"}) == Place(ID)
