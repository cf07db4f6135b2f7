"""The stand-in for the YouTube Data API over real HTTP: shapes, paging to the last reply, errors and units."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

import pytest

from integrations.sandbox.faults import Fault
from integrations.sandbox.youtube import COSTS, DAILY_UNITS
from tests.integrations.sandbox.wire_client import WireClient

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "data" / "youtube"


@pytest.fixture
def youtube(sandbox):
    sandbox.control.set_quota("youtube", limit=DAILY_UNITS, used=0)
    with WireClient(sandbox.url) as client:

        def get(method, key="sandbox", **query):
            return client.call("GET", f"/youtube/youtube/v3/{method}?{urlencode({'key': key, **query})}")

        yield get
    sandbox.control.set_quota("youtube", limit=DAILY_UNITS, used=0)


@pytest.fixture
def items(sandbox):
    return sandbox.corpus.items_of("youtube")


def paged(get, method, **query):
    things, token = [], None
    while True:
        answer = get(method, **query, **({"pageToken": token} if token else {}))
        assert answer.status == 200, answer.body
        told = answer.json()
        assert len(told["items"]) <= query["maxResults"]
        things += told["items"]
        token = told.get("nextPageToken")
        if token is None:
            return things


def largest(items):
    return Counter(item.thread_id for item in items).most_common(1)[0][0]


def reason(answer):
    return answer.status, answer.json()["error"]["errors"][0]["reason"]


def test_paging_reaches_every_comment_and_every_reply_of_a_video(items, youtube):
    video = largest(items)
    threads = paged(youtube, "commentThreads", videoId=video, part="snippet,replies", maxResults=100)
    found = {thread["id"] for thread in threads}
    paged_replies = 0
    for thread in threads:
        count = thread["snippet"]["totalReplyCount"]
        inline = thread.get("replies", {}).get("comments", [])
        assert len(inline) == min(5, count)
        if count > 5:
            replies = paged(youtube, "comments", parentId=thread["id"], part="snippet", maxResults=100)
            paged_replies = max(paged_replies, len(replies))
            assert {reply["id"] for reply in inline} <= {reply["id"] for reply in replies}
        else:
            replies = inline
        assert len(replies) == count
        assert all(reply["snippet"]["parentId"] == thread["id"] for reply in replies)
        found |= {reply["id"] for reply in replies}
    assert paged_replies > 100
    assert found == {item.external_id for item in items if item.thread_id == video and not item.is_post}
    assert len(found) > 500


def test_a_channel_leads_to_its_uploads_and_all_its_threads(sandbox, items, youtube):
    channel = youtube("channels", forHandle="@closetdatacenter", part="snippet,contentDetails,statistics").json()
    channel = channel["items"][0]
    assert "SAMPLE" in channel["snippet"]["title"]
    playlist = channel["contentDetails"]["relatedPlaylists"]["uploads"]
    videos = paged(youtube, "playlistItems", playlistId=playlist, part="snippet,contentDetails", maxResults=10)
    here = [item for item in items if item.community == "closetdatacenter"]
    assert [video["contentDetails"]["videoId"] for video in videos] == [
        item.external_id for item in reversed(here) if item.is_post
    ]
    assert channel["statistics"]["videoCount"] == str(len(videos))
    threads = paged(
        youtube, "commentThreads", allThreadsRelatedToChannelId=channel["id"], part="snippet", maxResults=100
    )
    assert {thread["id"] for thread in threads} == {item.external_id for item in here if item.depth == 0} - {
        item.external_id for item in here if item.is_post
    }


def test_search_finds_videos_by_word_channel_and_time(items, youtube):
    found = paged(youtube, "search", q="photo", type="video", part="snippet", maxResults=50, order="date")
    wanted = {item.external_id for item in items if item.is_post and "photo" in f"{item.title} {item.text}".lower()}
    assert {one["id"]["videoId"] for one in found} == wanted
    times = [one["snippet"]["publishedAt"] for one in found]
    assert times == sorted(times, reverse=True)
    middle = times[len(times) // 2]
    late = paged(youtube, "search", q="photo", type="video", part="snippet", maxResults=50, publishedAfter=middle)
    assert {one["id"]["videoId"] for one in late} == {
        one["id"]["videoId"] for one in found if one["snippet"]["publishedAt"] >= middle
    }
    channel = found[0]["snippet"]["channelId"]
    inside = paged(youtube, "search", q="photo", channelId=channel, type="video", part="snippet", maxResults=50)
    assert 0 < len(inside) < len(found)
    assert {one["snippet"]["channelId"] for one in inside} == {channel}


def test_orders_are_by_time_or_by_likes(items, youtube):
    video = largest(items)
    newest = paged(youtube, "commentThreads", videoId=video, part="snippet", maxResults=100)
    times = [thread["snippet"]["topLevelComment"]["snippet"]["publishedAt"] for thread in newest]
    assert times == sorted(times, reverse=True)
    best = paged(youtube, "commentThreads", videoId=video, part="snippet", maxResults=100, order="relevance")
    likes = [thread["snippet"]["topLevelComment"]["snippet"]["likeCount"] for thread in best]
    assert likes == sorted(likes, reverse=True)


def test_text_is_html_unless_plain_text_is_wanted(items, youtube):
    item = next(one for one in items if not one.is_post and one.text.startswith("4:") and not one.truth.spam)
    shown = youtube("comments", id=item.external_id, part="snippet").json()["items"][0]["snippet"]
    assert f'<a href="https://www.youtube.com/watch?v={item.thread_id}&amp;t=' in shown["textDisplay"]
    plain = youtube("comments", id=item.external_id, part="snippet", textFormat="plainText").json()["items"][0]
    assert plain["snippet"]["textDisplay"] == plain["snippet"]["textOriginal"] == item.text
    hostile = next(one for one in items if one.truth.injection == "html")
    shown = youtube("comments", id=hostile.external_id, part="snippet").json()["items"][0]["snippet"]
    assert "<script" not in shown["textDisplay"]
    assert "<img" not in shown["textDisplay"]


def test_videos_tell_their_counts_and_that_comments_are_disabled(items, youtube):
    silent = {item.external_id for item in items if item.is_post} - {item.thread_id for item in items if item.parent_id}
    told = youtube("videos", id=",".join([largest(items), *silent][:50]), part="snippet,statistics").json()["items"]
    counts = {video["id"]: video["statistics"].get("commentCount") for video in told}
    video = largest(items)
    assert counts[video] == str(sum(item.thread_id == video for item in items) - 1)
    assert {None, "0"} <= set(counts.values())
    disabled = next(name for name, count in counts.items() if count is None)
    assert reason(youtube("commentThreads", videoId=disabled, part="snippet")) == (403, "commentsDisabled")
    empty = next(name for name, count in counts.items() if count == "0")
    assert youtube("commentThreads", videoId=empty, part="snippet").json()["items"] == []


@pytest.mark.parametrize(
    ("method", "query", "expected"),
    [
        ("videos", {"key": "wrong", "part": "snippet", "id": "x"}, (400, "keyInvalid")),
        ("videos", {"key": "", "part": "snippet", "id": "x"}, (403, "forbidden")),
        ("videos", {"id": "x"}, (400, "missingRequiredParameter")),
        ("videos", {"id": "x", "part": "everything"}, (400, "unknownPart")),
        ("commentThreads", {"part": "snippet"}, (400, "missingRequiredParameter")),
        ("commentThreads", {"part": "snippet", "videoId": "unknown"}, (404, "videoNotFound")),
        ("commentThreads", {"part": "snippet", "videoId": "x", "maxResults": 101}, (404, "videoNotFound")),
        ("commentThreads", {"part": "snippet", "allThreadsRelatedToChannelId": "x"}, (404, "channelNotFound")),
        ("comments", {"part": "snippet", "parentId": "x"}, (404, "commentNotFound")),
        ("playlistItems", {"part": "snippet", "playlistId": "x"}, (404, "playlistNotFound")),
        ("search", {"part": "snippet", "maxResults": 51}, (400, "invalidParameter")),
        ("search", {"part": "snippet", "pageToken": "nonsense"}, (400, "invalidPageToken")),
        ("search", {"part": "snippet", "order": "best"}, (400, "invalidParameter")),
        ("captions", {"part": "snippet"}, (404, "notFound")),
    ],
)
def test_what_cannot_be_answered_says_why(youtube, method, query, expected):
    assert reason(youtube(method, **query)) == expected


def test_units_are_counted_by_method_and_the_limit_stops_the_next_call(sandbox, items, youtube):
    video = largest(items)
    calls = [
        ("search", {"q": "photo", "part": "snippet"}),
        ("videos", {"id": video, "part": "snippet"}),
        ("commentThreads", {"videoId": video, "part": "snippet"}),
        ("commentThreads", {"videoId": "unknown", "part": "snippet"}),
        ("videos", {"id": video, "part": "snippet", "key": "wrong"}),
    ]
    for method, query in calls:
        youtube(method, **query)
    assert sandbox.control.quota("youtube") == (DAILY_UNITS, COSTS["search"] + 3)
    sandbox.control.set_quota("youtube", limit=150)
    assert reason(youtube("search", q="photo", part="snippet")) == (403, "quotaExceeded")
    assert youtube("videos", id=video, part="snippet").status == 200
    assert sandbox.control.quota("youtube") == (150, 104)
    with pytest.raises(ValueError, match="reddit"):
        sandbox.control.set_quota("reddit", limit=5)


def test_faults_hit_it(sandbox, youtube):
    sandbox.control.set_fault(Fault("malformed", remote="youtube", route="commentThreads", count=1))
    with pytest.raises(json.JSONDecodeError):
        youtube("commentThreads", videoId="unknown", part="snippet").json()
    assert youtube("commentThreads", videoId="unknown", part="snippet").status == 404


def keys(value, path=""):
    if isinstance(value, dict):
        return {path, *(name for key, inner in value.items() for name in keys(inner, f"{path}.{key}"))}
    if isinstance(value, list):
        return {name for inner in value for name in keys(inner, path + "[]")}
    return {path}


@pytest.mark.parametrize(
    ("recorded", "method", "query"),
    [
        ("comment_threads_by_video_paged_1.json", "commentThreads", {"part": "snippet", "maxResults": 5}),
        ("comments_by_parent_paged_1.json", "comments", {"part": "snippet", "maxResults": 2}),
        ("search_by_keywords_p1.json", "search", {"part": "snippet", "type": "video", "q": "a", "maxResults": 25}),
        ("info.json", "channels", {"part": "snippet", "forHandle": "@closetdatacenter"}),
    ],
)
def test_answers_have_every_key_of_a_recorded_one(items, youtube, recorded, method, query):
    path = RECORDED / recorded
    if not path.exists():
        pytest.skip(f"{path} is absent: the recordings lie beside the checkout.")
    video = largest(items)
    if method == "commentThreads":
        query = {**query, "videoId": video}
    if method == "comments":
        parents = Counter(item.parent_id for item in items if item.depth == 1)
        query = {**query, "parentId": parents.most_common(1)[0][0]}
    missing = keys(json.loads(path.read_text("utf-8"))) - keys(youtube(method, **query).json())
    assert missing <= {".regionCode"}
