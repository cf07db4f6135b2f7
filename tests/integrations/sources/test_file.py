from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from integrations import registry
from integrations.contracts import Cursor, JsonValue, Scope, StoredFacts
from integrations.errors import ContractChanged, Gone, Rejected
from integrations.files.blocks import plain
from integrations.files.mapping import Mapping
from integrations.files.rows import Row
from integrations.sources import file
from integrations.sources.file import File, FileConfig, FileQuery
from tests.contracts import Read, SourcePromises, ids_of

ID = "01a2040a-e9c4-7fb0-abae-2b41547b9e8f"
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
MAPPING = Mapping(text="body", title="title", author="by", posted_at="at", external_id="id", parent_id="parent")


class Shelf:
    """A file in memory, a few rows a block."""

    def __init__(self, rows: Sequence[dict[str, str]], *, size: int = 4, days: dict[str, int] | None = None) -> None:
        self.rows = [plain(Row(number, cells)) for number, cells in enumerate(rows, start=2)]
        self.size = size
        self.days = days or {}
        self.deleted = False
        self.read: list[int] = []

    async def facts(self, identifier: str) -> StoredFacts | None:
        if self.deleted or identifier != ID:
            return None
        return StoredFacts("talk.csv", len(self.rows), -(-len(self.rows) // self.size), self.days)

    async def block(self, identifier: str, number: int) -> Sequence[JsonValue] | None:
        self.read.append(number)
        return None if self.deleted else self.rows[number * self.size : (number + 1) * self.size] or None


def row(number: int, parent: int | None = None, **cells: str) -> dict[str, str]:
    return {
        "id": str(number),
        "body": f"Comment {number} about sync.",
        "by": f"u{number}",
        "at": (MOMENT - timedelta(days=40 - number)).isoformat(),
        **({} if parent is None else {"parent": str(parent)}),
        **cells,
    }


ROWS = [row(n, None if n % 10 == 0 else n - 1 if n % 2 else n - n % 10) for n in range(22)]


def query(**values: Any) -> FileQuery:
    return FileQuery(**{"id": ID, "name": "talk.csv", "mapping": MAPPING, "moment": MOMENT, **values})


def read(
    shelf: Shelf, wanted: FileQuery, scope: Scope | None = None, cursor: Cursor | None = None, most: int = 1000
) -> Read:
    async def collect() -> Read:
        source = File(FileConfig(), shelf)
        pages, items = [], []
        stream = source.pages(wanted, scope or Scope(), cursor)
        async for page in stream:
            pages.append(page)
            items.append(list(source.parse(page)))
            if len(pages) >= most:
                break
        await stream.aclose()
        return pages, items

    return asyncio.run(collect())


@pytest.fixture(autouse=True)
def _no_tree_of_another_test() -> None:
    file._kept.clear()


class TestFile(SourcePromises):
    source = "file"
    expected_ids = frozenset(f"2b41547b9e8f/{number}" for number in range(22))
    without_links = True
    links: ClassVar[dict[str, dict[str, object]]] = {f"file:{ID}": {"id": ID}, f" FILE: {ID.upper()} ": {"id": ID}}
    strangers = ("", "file:", "file:x", "file:comments.csv", ID, "r/x", "https://example.com", "\x00")

    def query(self) -> FileQuery:
        return query()

    @pytest.fixture
    def server(self):
        return Shelf(ROWS)

    def read(self, server, cursor=None, *, most=10_000, scope=None):
        return read(server, self.query(), scope, cursor, most)


def test_replies_hang_in_their_trees_across_blocks_and_the_thread_is_the_root():
    _, pages = read(Shelf(list(reversed(ROWS))), query())
    found = {item.external_id.rpartition("/")[2]: item for page in pages for item in page}
    assert len(found) == 22
    for number in range(22):
        item = found[str(number)]
        root = number - number % 10
        assert item.thread_external_id == f"2b41547b9e8f/{root}"
        assert (item.kind == "post") is (number == root)


def test_who_answers_whom_is_read_once_and_not_in_each_turn():
    shelf = Shelf(list(reversed(ROWS)))
    blocks = -(-len(ROWS) // shelf.size)
    cursor, threads = None, []
    for _ in range(blocks):
        (page,), (items,) = read(shelf, query(), cursor=cursor, most=1)
        threads += [item.thread_external_id for item in items]
        cursor = page.cursor
    assert cursor is None
    assert threads == [f"2b41547b9e8f/{number - number % 10}" for number in reversed(range(22))]
    assert len(shelf.read) == 2 * blocks + 1, "once for the trees, up to its end, and once for the rows"


def test_another_mapping_of_the_same_file_has_its_own_trees():
    rows = [row(1), row(2, 1, other="3"), row(3)]
    _, pages = read(Shelf(rows), query())
    assert [item.thread_external_id[-2:] for item in pages[0]] == ["/1", "/1", "/3"]
    _, pages = read(Shelf(rows), query(mapping=MAPPING.model_copy(update={"parent_id": "other"})))
    assert [item.thread_external_id[-2:] for item in pages[0]] == ["/1", "/3", "/3"]


def test_trees_of_few_files_are_kept():
    ids = [f"01a2040a-e9c4-7fb0-abae-00000000000{number}" for number in range(4)]

    class AnyName(Shelf):
        async def facts(self, identifier: str) -> StoredFacts | None:
            return await super().facts(ID)

    for identifier in ids:
        read(AnyName(ROWS), query(id=identifier))
    assert [key[0] for key in file._kept] == ids[-2:]


def test_a_reply_to_a_comment_that_is_missing_keeps_its_parent_and_its_company():
    rows = [row(1, 99), row(2, 99), row(3, 1)]
    _, pages = read(Shelf(rows), query())
    assert {item.thread_external_id for item in pages[0]} == {"2b41547b9e8f/99"}
    assert [item.parent_external_id for item in pages[0]] == ["2b41547b9e8f/99", "2b41547b9e8f/99", "2b41547b9e8f/1"]


def test_comments_that_answer_each_other_in_a_circle_end():
    rows = [row(1, 3), row(2, 1), row(3, 2)]
    _, pages = read(Shelf(rows), query())
    assert len({item.thread_external_id for item in pages[0]}) == 1


def test_a_thread_column_says_where_a_comment_stands():
    mapping = Mapping(text="body", external_id="id", thread_id="thread")
    rows = [row(1, thread="1"), row(2, thread="1"), row(3)]
    _, pages = read(Shelf(rows), query(mapping=mapping))
    assert [(item.kind, item.thread_external_id[-2:]) for item in pages[0]] == [
        ("post", "/1"),
        ("comment", "/1"),
        ("post", "/3"),
    ]


def test_rows_without_an_id_get_the_same_from_the_same_content_in_any_file():
    mapping = Mapping(text="body", author="by")
    first = read(Shelf([row(1), row(2)]), query(mapping=mapping))[1]
    again = read(Shelf([row(0), row(2), row(1)]), query(mapping=mapping, name="other.csv"))[1]
    assert set(ids_of(first)) < set(ids_of(again))
    assert all(identifier.startswith("row-") for identifier in ids_of(first))


def test_a_file_without_dates_is_in_every_range_of_time():
    mapping = Mapping(text="body", external_id="id")
    _, pages = read(Shelf(ROWS), query(mapping=mapping), Scope(until=MOMENT - timedelta(days=900)))
    assert len(ids_of(pages)) == 22
    assert {item.posted_at for page in pages for item in page} == {MOMENT}


def test_keywords_choose_among_the_comments_whatever_their_case():
    rows = [*ROWS, row(30, body="BACKUP is gone"), row(31, title="Backup")]
    _, pages = read(Shelf(rows), query(), Scope(keywords=("backup", "nothing")))
    assert [identifier[-2:] for identifier in ids_of(pages)] == ["30", "31"]


def test_rows_that_are_none_are_left_out_and_progress_goes_on():
    rows = [{"id": "1"}, row(2, at="yesterday"), row(3), row(4, body="<b>x</b>"), {"body": "no date"}]
    pages, items = read(Shelf(rows, size=2), query())
    assert [item.text for page in items for item in page] == ["Comment 3 about sync.", "<b>x</b>"]
    assert [page.requests for page in pages] == [0, 0, 0]
    assert pages[-1].expected_items == 2


def test_a_file_that_is_deleted_meanwhile_is_gone():
    shelf = Shelf(ROWS)
    pages, _ = read(shelf, query(), most=2)
    shelf.deleted = True
    with pytest.raises(Gone, match="bring it again"):
        read(shelf, query(), cursor=pages[-1].cursor)


def test_a_file_of_which_nobody_said_what_it_holds_is_refused():
    with pytest.raises(Rejected, match="which column"):
        read(Shelf(ROWS), FileQuery(id=ID, moment=MOMENT))


@pytest.mark.parametrize("payload", [None, {}, [], {"query": {}, "rows": [], "roots": []}, "x"])
def test_a_stored_form_of_another_version_is_a_changed_contract(payload):
    page = read(Shelf(ROWS), query(), most=1)[0][0]
    with pytest.raises(ContractChanged):
        File(FileConfig(), Shelf([])).parse(type(page)(payload=payload, cursor=None, requests=0))


def measured(shelf: Shelf, scope: Scope):
    return asyncio.run(File(FileConfig(), shelf).measure(query(), scope))


def test_it_measures_by_the_days_that_are_known():
    shelf = Shelf(ROWS, days={"2026-11-01": 10, "2026-11-02": 7, "2026-11-03": 5})
    assert measured(shelf, Scope()).items == (22, 22, 22)
    scope = Scope(since=datetime(2026, 11, 2, 12, tzinfo=UTC))
    assert measured(shelf, scope).items == (5, 12, 12)
    assert measured(shelf, Scope(keywords=("x",))).items == (0, 11, 22)
    assert measured(shelf, Scope(item_limit=3)).items == (3, 3, 3)
    assert measured(shelf, Scope()).requests == (0, 0, 0)
    undated = measured(Shelf(ROWS), scope)
    assert undated.items == (22, 22, 22)
    assert any("no dates" in note for note in undated.assumptions)


def test_a_link_to_a_file_that_is_none_gets_a_suggestion():
    assert "/imports" in registry.suggest("file:comments.csv")


def test_two_files_of_one_name_are_two_and_one_is_itself() -> None:
    ids = (f"{number:08d}-0000-7000-8000-000000000000" for number in (1, 2))
    october, november = (FileQuery(id=each, name="reviews.csv") for each in ids)
    assert october.label() == november.label()
    assert october.identity() != november.identity()
    assert october.identity() == october.model_copy(update={"name": "october.csv"}).identity()
