"""Reddit's JSON: things (`t1` comment, `t3` post, `t5` community, `more`) and listings, as bytes.

Shapes: https://www.reddit.com/dev/api/ and https://github.com/reddit-archive/reddit/wiki/JSON
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from html import escape

from integrations.sandbox.items import MARK, Community, Item

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_PLACEHOLDER = {"removed": "[removed]", "deleted": "[deleted]"}
_MODERATION = (
    b'"approved_at_utc":null,"approved_by":null,"banned_at_utc":null,"banned_by":null,"mod_note":null,"mod_reports":[],'
    b'"num_reports":null,"removal_reason":null,"report_reasons":null,"user_reports":[],"likes":null,"saved":false,'
    b'"archived":false,"locked":false,"edited":false,"distinguished":null,"stickied":false,"gilded":0,'
    b'"total_awards_received":0,"all_awardings":[],"awarders":[],"subreddit_type":"public","can_mod_post":false,'
)
_POST_FACTS = (
    b'"is_self":true,"over_18":false,"spoiler":false,"hidden":false,"pinned":false,"quarantine":false,"media":null,'
    b'"media_embed":{},"secure_media":null,"secure_media_embed":{},"thumbnail":"self","is_video":false,'
    b'"contest_mode":false,"suggested_sort":null,"view_count":null,"num_crossposts":0,"clicked":false,"visited":false,'
    b'"link_flair_css_class":"sample","author_flair_css_class":null,"hide_score":false,"upvote_ratio":0.9'
)
_COMMENT_FACTS = (
    b'"controversiality":0,"collapsed":false,"collapsed_reason":null,"score_hidden":false,"is_submitter":false,'
    b'"author_flair_css_class":null,"downs":0,"treatment_tags":[],"top_awarded_type":null'
)


class Wire:
    """Writes things of one corpus whose ages count back from `started` (seconds since 1970)."""

    def __init__(self, communities: dict[str, Community], comment_counts: dict[str, int], started: float) -> None:
        self._communities = communities
        self._comment_counts = comment_counts
        self._started = started
        self.post = lru_cache(maxsize=2048)(self._post)

    def comment(self, item: Item, post: Item, depth: int, replies: bytes) -> bytes:
        """Write a comment at `depth` of the answer; `replies` is a listing or `""` as JSON."""
        text = _PLACEHOLDER[item.truth.removed] if item.truth.removed else item.text
        facts = {
            **self._common(item),
            "link_id": post.external_id,
            "parent_id": item.parent_id,
            "body": text,
            "body_html": _html(text),
            "author_flair_text": MARK,
            "permalink": f"{permalink(post)}{item.short_id}/",
        }
        written = json.dumps(facts, separators=(",", ":")).encode()
        return b'{"kind":"t1","data":{%b%b%b,"depth":%d,"replies":%b}}' % (
            _MODERATION, written[1:-1] + b",", _COMMENT_FACTS, depth, replies,
        )  # fmt: skip

    def community(self, community: Community) -> bytes:
        """Write what `about` answers."""
        created = self._started - 5 * 365 * 86_400
        facts = {
            "id": community.external_id[3:],
            "name": community.external_id,
            "display_name": community.name,
            "display_name_prefixed": f"r/{community.name}",
            "title": community.title,
            "public_description": community.description,
            "description": community.description,
            "description_html": _html(community.description),
            "subscribers": community.subscribers,
            "accounts_active": community.subscribers // 900,
            "active_user_count": community.subscribers // 900,
            "created": created,
            "created_utc": created,
            "subreddit_type": "public",
            "over18": False,
            "quarantine": False,
            "lang": "en",
            "url": f"/r/{community.name}/",
            "user_is_subscriber": None,
        }
        return b'{"kind":"t5","data":' + json.dumps(facts).encode() + b"}"

    def _post(self, item: Item) -> bytes:
        text = _PLACEHOLDER[item.truth.removed] if item.truth.removed else item.text
        link = permalink(item)
        comments = self._comment_counts.get(item.external_id, 0)
        facts = {
            **self._common(item),
            "title": item.title,
            "selftext": text,
            "selftext_html": _html(text) if text else None,
            "domain": f"self.{item.community}",
            "url": f"https://www.reddit.com{link}",
            "permalink": link,
            "num_comments": comments,
            "subreddit_subscribers": self._communities[item.community].subscribers,
            "link_flair_text": MARK,
            "author_flair_text": None,
            "removed_by_category": {"removed": "moderator", "deleted": "deleted"}.get(item.truth.removed or ""),
        }
        written = json.dumps(facts, separators=(",", ":")).encode()
        return b'{"kind":"t3","data":{%b%b%b}}' % (_MODERATION, written[1:-1] + b",", _POST_FACTS)

    def _common(self, item: Item) -> dict[str, object]:
        created = float(int(self._started) - item.age_seconds)
        return {
            "id": item.short_id,
            "name": item.external_id,
            "author": item.author or "[deleted]",
            "created": created,
            "created_utc": created,
            "score": item.score,
            "ups": item.score,
            "subreddit": item.community,
            "subreddit_id": self._communities[item.community].external_id,
            "subreddit_name_prefixed": f"r/{item.community}",
        }


def permalink(post: Item) -> str:
    """Return the path of a post as a person sees it, marked as made up."""
    slug = _NOT_WORD.sub("_", (post.title or "").lower()).strip("_")[:48]
    return f"/r/{post.community}/comments/{post.short_id}/{MARK.lower()}_{slug}/"


def more(parent_id: str, depth: int, children: list[str], count: int) -> bytes:
    """Write a `more`: ids left out here; with no children it is "continue this thread" (id `_`, count 0)."""
    first = children[0] if children else "_"
    facts = {
        "count": count,
        "name": f"t1_{first}",
        "id": first,
        "parent_id": parent_id,
        "depth": depth,
        "children": children,
    }
    return b'{"kind":"more","data":' + json.dumps(facts, separators=(",", ":")).encode() + b"}"


def listing(things: list[bytes], after: str | None = None, before: str | None = None, *, dist: bool = False) -> bytes:
    """Write a listing; `dist` adds how many things it holds, as post listings do."""
    return (
        b'{"kind":"Listing","data":{"after":%b,"dist":%b,"modhash":"","geo_filter":"","children":[%b],"before":%b}}'
        % (
            json.dumps(after).encode(),
            b"%d" % len(things) if dist else b"null",
            b",".join(things),
            json.dumps(before).encode(),
        )
    )


def _html(text: str) -> str:
    paragraphs = "".join(f"<p>{escape(part)}</p>\n\n" for part in text.split("\n\n"))
    return f'<!-- SC_OFF --><div class="md">{paragraphs.rstrip()}\n</div><!-- SC_ON -->'
