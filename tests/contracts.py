"""What every source promises, written once. A source's test subclasses `SourceContract` and gives it a small world.

The adapter under test talks real HTTP to a real server on loopback, with faults that providers really have.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import pytest

from integrations import registry
from integrations.contracts import CollectedItem, Cursor, ItemKind, Page, ProviderConfig, Scope, SourceQuery
from integrations.errors import (
    ContractChanged,
    NeedsReauth,
    ProviderError,
    RateLimited,
    Rejected,
    Retryable,
    Unreachable,
)
from tests.local_server import Asked, LocalServer, Reply, serve

Read = tuple[list[Page], list[list[CollectedItem]]]


class SourcePromises(ABC):
    """What a source promises wherever it reads from. Set the facts, and give `query`, `read` and a fixture `server`."""

    source: ClassVar[str]
    expected_ids: ClassVar[frozenset[str]]
    """External ids of everything that the query finds in the world."""
    without_links: ClassVar[bool] = False
    """Whether items may have no permalink."""
    links: ClassVar[dict[str, dict[str, object]]] = {}
    """Pasted text → the query that it means."""
    strangers: ClassVar[tuple[str, ...]] = ("", " ", "hello world", "https://example.com/r/x", "ftp://x", "r/", "\x00")

    @abstractmethod
    def query(self) -> SourceQuery:
        """Return a query that needs several pages."""

    @abstractmethod
    def read(self, server, cursor: Cursor | None = None, *, most: int = 10_000, scope: Scope | None = None) -> Read:
        """Return at most so many pages from `cursor` on, and their items."""

    def test_every_item_comes_once_and_is_valid(self, server) -> None:
        pages, items = self.read(server)
        everything = [item for page in items for item in page]
        ids = [item.external_id for item in everything]
        assert sorted(ids) == sorted(self.expected_ids)
        assert pages[-1].cursor is None
        assert all(page.cursor is not None for page in pages[:-1])
        seen: set[str] = set()
        for item in everything:
            assert item.posted_at.utcoffset().total_seconds() == 0
            assert item.permalink.startswith("https://") or (self.without_links and not item.permalink)
            assert not (item.removed and item.text)
            if item.kind is ItemKind.POST:
                assert item.parent_external_id is None
                assert item.thread_external_id == item.external_id
            else:
                assert item.parent_external_id in self.expected_ids
                assert item.thread_external_id in self.expected_ids
            seen.add(item.external_id)

    def test_progress_never_promises_less_than_was_read(self, server) -> None:
        pages, items = self.read(server)
        read = 0
        for page, found in zip(pages, items, strict=True):
            read += len(found)
            assert page.expected_items is None or page.expected_items >= read
        assert pages[-1].expected_items in {None, read}

    def test_it_resumes_from_every_cursor(self, server) -> None:
        pages, items = self.read(server)
        for done in range(1, len(pages)):
            cursor = json.loads(json.dumps(pages[done - 1].cursor))
            _, rest = self.read(server, cursor)
            before = [item.external_id for page in items[:done] for item in page]
            after = [item.external_id for page in rest for item in page]
            assert sorted(before + after) == sorted(self.expected_ids), f"after page {done}"

    def test_an_item_limit_is_kept_to_the_item(self, server) -> None:
        limit = max(1, len(self.expected_ids) // 2)
        pages, items = self.read(server, scope=Scope(item_limit=limit))
        assert sum(len(page) for page in items) == limit
        assert pages[-1].cursor is None

    def test_a_range_of_time_is_kept(self, server) -> None:
        everything = [item for page in self.read(server)[1] for item in page]
        times = sorted(item.posted_at for item in everything)
        since, until = times[len(times) // 4], times[len(times) * 3 // 4]
        found = [item for page in self.read(server, scope=Scope(since=since, until=until))[1] for item in page]
        assert found
        assert all(since <= item.posted_at <= until for item in found)

    def test_queries_survive_being_written_and_read(self) -> None:
        query = self.query()
        assert type(query).model_validate_json(query.model_dump_json()) == query
        assert query.label()

    def test_it_recognises_its_links_and_no_others(self) -> None:
        for text, expected in self.links.items():
            found = registry.recognise(text)
            assert found is not None, text
            assert found[0] == self.source
            assert found[1].model_dump(exclude_defaults=True) == expected, text
        for text in self.strangers:
            assert registry.source(self.source).recognise(text) is None, text


class SourceContract(SourcePromises):
    """Subclass it, set the facts, and give `answer`, `config` and `query`."""

    least_requests: ClassVar[int]
    """Fewest calls, the login included, that can bring all of it."""
    secrets: ClassVar[tuple[str, ...]] = ()
    """What must never show up in an error: keys and tokens of the world."""
    changed_shapes: ClassVar[tuple[object, ...]] = ([], {}, 7, None, "text", {"data": None}, [[]], {"error": []})

    @abstractmethod
    def answer(self, asked: Asked) -> Reply:
        """Answer as the provider would."""

    @abstractmethod
    def config(self, base: str) -> ProviderConfig:
        """Return settings that point at `base`, keys included."""

    def is_login(self, asked: Asked) -> bool:
        """Tell the calls that fetch a token from those that read."""
        return False

    @pytest.fixture
    def server(self):
        with serve(self.answer) as server:
            yield server

    def read(
        self,
        server: LocalServer,
        cursor: Cursor | None = None,
        *,
        most: int = 10_000,
        scope: Scope | None = None,
        query: SourceQuery | None = None,
        **limits,
    ) -> Read:
        async def collect() -> Read:
            config = self.config(server.base)
            pages, items = [], []
            async with registry.connect(self.source, config, **limits) as http:
                source = registry.source(self.source)(config, http)
                stream = source.pages(query or self.query(), scope or Scope(), cursor)
                async for page in stream:
                    pages.append(page)
                    items.append(list(source.parse(page)))
                    if len(pages) >= most:
                        break
                await stream.aclose()
            return pages, items

        return asyncio.run(collect())

    def failure(self, server: LocalServer, reply: Reply, *, login: bool = False, **limits) -> ProviderError:
        """Return the error that collecting ends with when every read is answered by `reply`."""
        server.faults = lambda asked: reply if self.is_login(asked) is login else None
        with pytest.raises(ProviderError) as caught:
            self.read(server, **limits)
        error = caught.value
        shown = f"{error} {error!r} {vars(error)} {error.__cause__!r}"
        assert not [secret for secret in (*self.secrets, "basic ", "bearer ") if secret in shown.lower()], shown
        assert len(error.sample or "") <= 300
        assert error.provider == self.source
        return error

    def test_it_makes_hardly_more_calls_than_needed_and_counts_them(self, server) -> None:
        pages, _ = self.read(server)
        assert len(server.asked) <= self.least_requests * 1.05
        assert sum(page.requests for page in pages) == len(server.asked)
        assert all(page.requests >= 1 for page in pages)
        quota = registry.source(self.source).quota
        assert all(set(page.usage) == ({quota.unit} if quota else set()) for page in pages)

    @pytest.mark.parametrize(("header", "low", "high"), [("7", 7, 7), (None, 1, 3600), ("1000000000", 3600, 3600)])
    def test_too_many_requests_says_when_to_come_back(self, server, header, low, high) -> None:
        reply = Reply(status=429, headers={"retry-after": header} if header else {})
        error = self.failure(server, reply)
        assert isinstance(error, RateLimited)
        assert low <= error.retry_after <= high

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
    def test_an_error_of_the_provider_can_be_tried_again(self, server, status) -> None:
        error = self.failure(server, Reply.page(status=status))
        assert isinstance(error, Retryable)
        assert error.status == status
        assert len([asked for asked in server.asked if not self.is_login(asked)]) == 1, "no hidden retry"

    @pytest.mark.parametrize(
        "reply",
        [Reply(reset=True), Reply(cut=True), Reply(drip=True), Reply(drip_headers=True)],
        ids=["reset", "cut", "drip", "drip_headers"],
    )
    def test_an_answer_that_never_ends_well_is_unreachable_in_time(self, server, reply) -> None:
        error = self.failure(server, reply, total_seconds=0.4)
        assert isinstance(error, Unreachable)

    def test_a_bomb_is_cut_at_the_cap(self, server) -> None:
        assert isinstance(self.failure(server, Reply.bomb(20_000_000), max_bytes=100_000), Unreachable)

    def test_a_server_that_is_gone_is_unreachable(self) -> None:
        with serve(self.answer) as server:
            pass
        with pytest.raises(Unreachable):
            self.read(server)

    def test_a_web_page_instead_of_data_is_a_changed_contract(self, server) -> None:
        error = self.failure(server, Reply.page("<html>ring me at me@example.org</html>"))
        assert isinstance(error, ContractChanged)
        assert "<html>" in error.sample
        assert "me@example.org" not in error.sample

    def test_a_changed_shape_is_a_changed_contract(self, server) -> None:
        for value in self.changed_shapes:
            assert isinstance(self.failure(server, Reply.of(value)), ContractChanged), value

    def test_a_refused_request_is_rejected_with_a_sample(self, server) -> None:
        error = self.failure(server, Reply.page("<h1>400 Bad request</h1>", status=400))
        assert type(error) is Rejected
        assert "Bad request" in error.sample

    def test_a_redirect_to_another_host_is_refused(self, server) -> None:
        with serve(self.answer) as other:
            error = self.failure(server, Reply(status=302, headers={"location": other.base + "/"}))
            assert isinstance(error, Rejected)
            assert not other.asked

    def test_refused_credentials_need_a_person_after_one_new_token(self, server) -> None:
        error = self.failure(server, Reply.of({"message": "Unauthorized", "error": 401}, 401))
        keyless = registry.source(self.source).auth.value == "none"
        assert isinstance(error, Rejected if keyless else NeedsReauth)
        logins = [asked for asked in server.asked if self.is_login(asked)]
        reads = [asked for asked in server.asked if not self.is_login(asked)]
        assert (len(logins), len(reads)) == ((2, 2) if logins else (0, 1))

    def test_settings_survive_being_written_and_read(self) -> None:
        config = self.config("http://127.0.0.1:1")
        kind = registry.source(self.source).Config
        assert kind.model_validate(config.model_dump()) == config
        assert kind.model_validate({}).base_url.startswith("https://")
        assert not [secret for secret in self.secrets if secret in repr(config) + config.model_dump_json()]

    def test_it_is_ready_with_keys_only_where_it_needs_them(self) -> None:
        kind = registry.source(self.source)
        assert kind.ready(self.config("http://127.0.0.1:1"))
        assert kind.ready(kind.Config.model_validate({})) is (kind.auth.value == "none")

    def test_it_measures_in_two_calls_at_most(self, server) -> None:
        async def measure():
            config = self.config(server.base)
            async with registry.connect(self.source, config) as http:
                return await registry.source(self.source)(config, http).measure(self.query(), Scope())

        volume = asyncio.run(measure())
        assert len([asked for asked in server.asked if not self.is_login(asked)]) <= 2
        low, likely, high = volume.items
        assert low <= likely <= high
        assert low <= len(self.expected_ids) <= high
        assert list(volume.requests) == sorted(volume.requests)
        assert volume.requests[0] <= self.least_requests <= volume.requests[2]
        assert volume.title
        assert all(note.endswith(".") for note in volume.assumptions)


def ids_of(pages: Sequence[Sequence[CollectedItem]]) -> list[str]:
    """Return the external ids of all items, in the order of their arrival."""
    return [item.external_id for page in pages for item in page]
