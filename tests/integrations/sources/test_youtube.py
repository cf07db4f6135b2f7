from __future__ import annotations

import asyncio
import html
import time
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from pydantic import ValidationError

from integrations import registry
from integrations.contracts import ItemKind, Page, Scope
from integrations.errors import Gone, NeedsReauth, RateLimited, Rejected, Unreachable
from integrations.quota import next_reset
from integrations.sources.youtube import YouTube, YouTubeConfig, YouTubeQuery
from tests.contracts import SourceContract, ids_of
from tests.integrations.youtube_world import (
    BUSY,
    CHANNEL,
    KEY,
    START,
    TALK,
    MadeUpYouTube,
    comment,
    listing,
    recorded,
    refusal,
    video,
)
from tests.local_server import Reply, serve

ID = "dQw4w9WgXcQ"


def settings(base: str, **more) -> YouTubeConfig:
    return YouTubeConfig(base_url=base, api_key=KEY, **more)


class TestYouTubeVideo(SourceContract):
    source = "youtube"
    world = MadeUpYouTube()
    expected_ids = frozenset(world.busy_ids)
    least_requests = world.least_of_busy
    secrets = (KEY,)
    links: ClassVar[dict[str, dict[str, object]]] = {
        f"https://www.youtube.com/watch?v={ID}": {"video": ID},
        f"youtube.com/watch?app=desktop&v={ID}&t=42s": {"video": ID},
        f"https://m.youtube.com/watch?v={ID}&list=PL123": {"video": ID},
        f"https://music.youtube.com/watch?v={ID}": {"video": ID},
        f"https://youtu.be/{ID}?si=abc": {"video": ID},
        f"https://www.youtube.com/shorts/{ID}": {"video": ID},
        f"https://www.youtube.com/live/{ID}?feature=share": {"video": ID},
        f"https://www.youtube-nocookie.com/embed/{ID}": {"video": ID},
        f"yt:{ID}": {"video": ID},
        "https://www.youtube.com/@cheese": {"channel": "@cheese"},
        "https://www.youtube.com/@cheese.co/videos": {"channel": "@cheese.co"},
        "https://www.youtube.com/%40k%C3%A4se": {"channel": "@käse"},
        f"https://www.youtube.com/channel/{CHANNEL}/featured": {"channel": CHANNEL},
        "yt:@cheese": {"channel": "@cheese"},
        f"YT: {CHANNEL}": {"channel": CHANNEL},
        "https://www.youtube.com/results?search_query=self+hosted": {"search": "self hosted"},
        "yt:self hosted sync": {"search": "self hosted sync"},
        "youtube:programming": {"search": "programming"},
    }
    strangers = (
        *SourceContract.strangers,
        ID,
        "@cheese",
        "yt:",
        "yt:@a",
        "https://www.youtube.com/",
        "https://www.youtube.com/watch?v=short",
        "https://www.youtube.com/watch?v=<script>aaa",
        "https://www.youtube.com/playlist?list=PL123",
        "https://youtube.com.evil.example/watch?v=" + ID,
        "https://notyoutube.com/watch?v=" + ID,
        "https://youtu.be/",
        "https://[::1",
        "yt:" + "x" * 400,
    )

    def answer(self, asked):
        return self.world.answer(asked)

    def config(self, base):
        return settings(base)

    def query(self):
        return YouTubeQuery(video=BUSY)

    def test_units_are_those_of_the_calls_that_were_made(self, server) -> None:
        pages, _ = self.read(server)
        assert [page.usage for page in pages] == [{"quota_unit": 1}] * len(server.asked)

    def test_keywords_choose_among_the_comments_of_a_video(self, server) -> None:
        name = f"Ug{7:022}AB"
        _, items = self.read(server, scope=Scope(keywords=(name.upper(),)))
        assert set(ids_of(items)) == {BUSY, name} | {entry["id"] for entry in self.world.replies[name]}

    def test_reading_stops_at_the_page_that_passes_the_start_of_the_range(self, server) -> None:
        since = TALK + timedelta(minutes=(250 - 50) * 10)
        _, items = self.read(server, scope=Scope(since=since))
        assert [asked.path for asked in server.asked] == ["/videos", "/commentThreads"] + ["/comments"] * 4
        assert set(ids_of(items)) >= {BUSY} | {f"Ug{number:022}AB" for number in range(51)}

    def test_threads_that_a_shifted_page_repeats_are_taken_once(self, server) -> None:
        def shifted(asked):
            if asked.path != "/commentThreads" or "pageToken" not in asked.query:
                return None
            start = int(asked.query["pageToken"]) - 3  # three were written since
            found = self.world.threads[BUSY][start : start + 100]
            return Reply.of(listing(found, str(start + 100) if start + 100 < 250 else None))

        server.faults = shifted
        _, items = self.read(server)
        assert sorted(ids_of(items)) == sorted(self.expected_ids)

    def test_an_expired_mark_of_a_page_starts_the_video_once_more(self, server) -> None:
        pages, _ = self.read(server, most=2)
        cursor = {**pages[-1].cursor}
        cursor["video"] = {**cursor["video"], "threads": [], "token": "expired"}
        server.faults = lambda asked: (
            refusal(400, "invalidPageToken") if asked.query.get("pageToken") == "expired" else None
        )
        _, items = self.read(server, cursor)
        assert set(ids_of(items)) == self.expected_ids - {BUSY}
        server.faults = lambda asked: refusal(400, "invalidPageToken") if asked.query.get("pageToken") else None
        with pytest.raises(Rejected, match="no longer knows the page"):
            self.read(server)

    @pytest.mark.parametrize("reason", ["quotaExceeded", "dailyLimitExceeded"])
    def test_a_used_up_day_waits_for_midnight_pacific_time(self, server, reason) -> None:
        message = 'The request cannot be completed because you have exceeded your <a href="/x">quota</a>.' * 5
        error = self.failure(server, refusal(403, reason, message))
        assert isinstance(error, RateLimited)
        now = datetime.now(UTC)
        assert error.retry_after == pytest.approx((next_reset(now) - now).total_seconds(), abs=5)
        assert "midnight Pacific Time" in str(error)

    @pytest.mark.parametrize(
        ("status", "reason"),
        [(400, "keyInvalid"), (400, "API_KEY_INVALID"), (403, "accessNotConfigured"), (403, "insufficientPermissions")],
    )
    def test_a_refused_key_needs_a_person(self, server, status, reason) -> None:
        reply = refusal(status, reason)
        if reason.isupper():
            body = {"error": {"code": 400, "errors": [{"reason": "badRequest"}], "details": [{"reason": reason}]}}
            reply = Reply.of(body, status)
        error = self.failure(server, reply)
        assert isinstance(error, NeedsReauth)
        assert "ASTERISM_YOUTUBE_API_KEY" in str(error)

    def test_too_many_calls_a_minute_wait_a_minute(self, server) -> None:
        error = self.failure(server, refusal(403, "userRateLimitExceeded"))
        assert isinstance(error, RateLimited)
        assert error.retry_after == 60

    def test_switched_off_comments_say_so_after_the_video_itself(self, server) -> None:
        pages = []

        async def collect():
            async with registry.connect("youtube", settings(server.base)) as http:
                async for page in YouTube(settings(server.base), http).pages(
                    YouTubeQuery(video="video_00005"), Scope(), None
                ):
                    pages.append(page)

        with pytest.raises(Gone, match="Comments are switched off for video video_00005"):
            asyncio.run(collect())
        assert len(pages[0].payload["videos"]) == 1

    def test_a_video_that_is_not_there_is_gone(self, server) -> None:
        with pytest.raises(Gone, match="There is no video nothere_000"):
            self.read(server, query=YouTubeQuery(video="nothere_000"))

    def test_a_thread_that_was_deleted_since_it_was_listed_is_passed_over(self, server) -> None:
        lost = f"Ug{7:022}AB"
        server.faults = lambda asked: refusal(404, "commentNotFound") if asked.query.get("parentId") == lost else None
        _, items = self.read(server)
        assert set(ids_of(items)) == self.expected_ids - {entry["id"] for entry in self.world.replies[lost]}


class TestYouTubeChannel(SourceContract):
    source = "youtube"
    world = TestYouTubeVideo.world
    expected_ids = frozenset(world.ids)
    least_requests = world.least
    secrets = (KEY,)

    def answer(self, asked):
        return self.world.answer(asked)

    def config(self, base):
        return settings(base)

    def query(self):
        return YouTubeQuery(channel="@cheese")

    def test_the_closed_video_costs_its_unit_and_nothing_else(self, server) -> None:
        pages, _ = self.read(server)
        assert sum(page.usage["quota_unit"] for page in pages) == len(server.asked)

    def test_only_so_many_videos_are_read(self, server) -> None:
        _, items = self.read(server, query=YouTubeQuery(channel=CHANNEL, videos=2))
        assert ids_of(items) == ["video_00000", "video_00001"]
        assert len(server.asked) == 3

    def test_uploads_before_the_range_are_not_asked_for(self, server) -> None:
        _, items = self.read(server, scope=Scope(since=START - timedelta(hours=2)))
        assert ids_of(items) == ["video_00000", "video_00001", "video_00002"]
        assert [asked.path for asked in server.asked] == ["/channels", "/playlistItems", "/videos"]

    def test_a_channel_that_is_not_there_is_gone(self, server) -> None:
        with pytest.raises(Gone, match="There is no @nobody"):
            self.read(server, query=YouTubeQuery(channel="@nobody"))


class TestYouTubeSearch(SourceContract):
    source = "youtube"
    world = TestYouTubeVideo.world
    expected_ids = frozenset(name for name in world.ids if name[:5] != "video" or int(name[6:]) < 60)
    least_requests = 2 + 2 + 1 + (world.least_of_busy - 1) + 1
    secrets = (KEY,)

    def answer(self, asked):
        return self.world.answer(asked)

    def config(self, base):
        return settings(base)

    def query(self):
        return YouTubeQuery(search="cheese", videos=100)

    def test_it_measures_in_two_calls_at_most(self, server) -> None:
        super().test_it_measures_in_two_calls_at_most(server)
        assert not server.asked, "a search takes 100 units, so no estimate makes one"

    def test_a_search_takes_a_hundred_units_a_page_and_everything_else_one(self, server) -> None:
        pages, _ = self.read(server)
        searches = [asked for asked in server.asked if asked.path == "/search"]
        assert len(searches) == 2
        assert sum(page.usage["quota_unit"] for page in pages) == 200 + len(server.asked) - 2

    def test_a_failed_search_takes_its_units_too(self, server) -> None:
        server.faults = lambda asked: Reply.page(status=503)

        async def fail():
            async with registry.connect("youtube", settings(server.base)) as http:
                source = YouTube(settings(server.base), http)
                with pytest.raises(Unreachable):
                    await anext(source.pages(self.query(), Scope(), None))
                return source._calls.units

        assert asyncio.run(fail()) == 100

    def test_range_and_keywords_are_part_of_the_search(self, server) -> None:
        scope = Scope(since=START - timedelta(days=9), until=START + timedelta(days=9), keywords=("sync", "my files"))
        self.read(server, scope=scope, most=1)
        asked = server.asked[0].query
        assert asked["q"] == 'cheese sync|"my files"'
        assert (asked["publishedAfter"], asked["publishedBefore"]) == ("2025-05-23T12:00:00Z", "2025-06-10T12:00:00Z")


def test_every_recorded_thread_and_reply_is_accounted_for_and_the_units_are_exact() -> None:
    """Two pages that hold the same five threads, one of them with replies on two pages of their own."""
    pages = [recorded(f"comment_threads_by_video_paged_{number}") for number in (1, 2)]
    replies = [recorded(f"comments_by_parent_paged_{number}") for number in (1, 2)]
    name = pages[0]["items"][0]["snippet"]["videoId"]

    def replay(asked):
        second = "pageToken" in asked.query
        match asked.path:
            case "/videos":
                return Reply.of(listing([video(name, 1, 8)]))
            case "/commentThreads":
                assert not second or asked.query["pageToken"] == pages[0]["nextPageToken"]
                return Reply.of(pages[second])
            case "/comments":
                assert not second or asked.query["pageToken"] == replies[0]["nextPageToken"]
                return Reply.of(replies[second])
        return Reply.of({}, 404)

    with serve(replay) as server:
        read, items = TestYouTubeVideo().read(server, query=YouTubeQuery(video=name))
        asked = [(entry.path, entry.query.get("parentId")) for entry in server.asked]
    threads = {thread["id"]: thread["snippet"] for page in pages for thread in page["items"]}
    answers = {entry["id"]: entry["snippet"] for page in replies for entry in page["items"]}
    busy = [name for name, snippet in threads.items() if snippet["totalReplyCount"]]
    found = {item.external_id: item for page in items for item in page}
    assert sorted(ids_of(items)) == sorted([name, *threads, *answers])
    assert asked == [
        ("/videos", None),
        ("/commentThreads", None),
        *[("/comments", parent) for parent in busy for _ in range(2)],
        ("/commentThreads", None),
    ]
    assert sum(page.usage["quota_unit"] for page in read) == len(asked) == 5
    for own, snippet in threads.items():
        top = snippet["topLevelComment"]["snippet"]
        assert found[own].text == top["textOriginal"]
        assert found[own].author == top["authorDisplayName"]
        assert found[own].parent_external_id == name
        assert found[own].replies == snippet["totalReplyCount"]
        assert found[own].posted_at == datetime.fromisoformat(top["publishedAt"])
    for own, snippet in answers.items():
        assert found[own].parent_external_id == snippet["parentId"]
        assert found[own].thread_external_id == name
        assert found[own].permalink == f"https://www.youtube.com/watch?v={name}&lc={own}"


def test_recorded_search_and_videos_lead_to_the_videos_as_they_are_written() -> None:
    search, facts = recorded("search_by_keywords_p1"), recorded("videos_info_multi")
    names = [entry["id"]["videoId"] for entry in search["items"]]

    def replay(asked):
        if asked.path == "/search":
            return Reply.of({**search, "items": search["items"] if "pageToken" not in asked.query else []})
        if asked.path == "/videos":
            assert asked.query["id"].split(",") == names
            return Reply.of(facts)
        return Reply.of(listing([]))

    with serve(replay) as server:
        pages, items = TestYouTubeVideo().read(server, query=YouTubeQuery(search="surfing", videos=25))
    found = {item.external_id: item for page in items for item in page}
    assert set(found) == {entry["id"] for entry in facts["items"]}
    for entry in facts["items"]:
        item = found[entry["id"]]
        assert (item.kind, item.title, item.text) == (
            ItemKind.POST,
            entry["snippet"]["title"],
            entry["snippet"]["description"],
        )
        assert item.community == entry["snippet"]["channelTitle"]
    assert sum(page.usage["quota_unit"] for page in pages) == 100 + 1 + len(facts["items"])


def test_the_recorded_refusal_says_that_the_video_is_closed_to_us() -> None:
    body = recorded("error_permission_resp")
    with (
        serve(lambda asked: Reply.of(body, 403)) as server,
        pytest.raises(Rejected, match="does not show video") as got,
    ):
        TestYouTubeVideo().read(server, query=YouTubeQuery(video=ID))
    assert not isinstance(got.value, Gone)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"textDisplay": "Tom &amp; Jerry&#39;s"}, "Tom & Jerry's"),
        ({"textDisplay": "a < b"}, "a < b"),
        ({"textDisplay": '<a href="http://x.org/">x.org</a><br>two'}, "http://x.org/\ntwo"),
        ({"textDisplay": "ignored", "textOriginal": "5 &lt; 6"}, "5 &lt; 6"),
        ({"textDisplay": "half \ud83d and nul\x00"}, "half ? and nul"),
    ],
)
def test_texts_are_plain(given, text) -> None:
    payload = {"videos": [], "comments": [comment("Ug1", 1, **given)], "video": ID, "channel": "Cheese"}
    assert YouTube(settings("http://127.0.0.1:1"), None).parse(Page(payload, None, 1))[0].text == text


@pytest.mark.parametrize(
    "values",
    [{}, {"video": "short"}, {"video": ID, "search": "x"}, {"channel": "cheese"}, {"search": "x", "videos": 0}],
)
def test_a_query_that_names_nothing_readable_is_refused(values) -> None:
    with pytest.raises(ValidationError):
        YouTubeQuery.model_validate(values)


def test_items_are_mapped_far_faster_than_they_arrive() -> None:
    comments = [comment(f"Ug{n}", n, textDisplay=html.escape(f"It's {n} & more " * 8)) for n in range(5000)]
    page = Page({"videos": [], "comments": comments, "video": ID, "channel": "Cheese"}, None, 1)
    source = YouTube(settings("http://127.0.0.1:1"), None)
    started = time.process_time()
    assert len(source.parse(page)) == 5000
    assert time.process_time() - started < 30, "0.05 s of a core; each item against each other would take minutes"
