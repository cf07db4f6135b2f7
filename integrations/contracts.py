"""The shapes that providers share with the rest of the product.

A new source is one file in `integrations/sources/` and its test. The class states facts (`id`, `label`, `Config`,
`Query`, `limits`, …); `pages()` talks to the provider, `parse()` maps one answer to items and touches no network.

    URL or name ──recognise──▶ Query ──pages(query, scope, cursor)──▶ Page ──parse──▶ CollectedItem
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict, SecretStr

from integrations.quota import Quota

JsonValue = Any
"""A value as `json.loads` returns it. Nothing past `parse()` may carry one."""

Cursor = dict[str, JsonValue]
"""Where to go on after a page. Plain JSON, stored with the job, so that another worker can resume."""


class AuthMethod(StrEnum):
    """How a call proves who we are."""

    OAUTH = "oauth"
    API_KEY = "api_key"
    CLIENT_CREDENTIALS = "client_credentials"
    APP_PASSWORD = "app_password"  # noqa: S105 - the name of a method, not a password
    NONE = "none"


class TokenSource(StrEnum):
    """Whose credentials a job used; shown as a badge on each job."""

    USER_OAUTH = "user_oauth"
    MASTER_API_KEY = "master_api_key"
    APP_PASSWORD = "app_password"  # noqa: S105 - the name of a source, not a password
    ANONYMOUS = "anonymous"
    SAMPLE = "sample"
    OWN_DATA = "own_data"


class ItemKind(StrEnum):
    """What a collected item is."""

    POST = "post"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class CollectedItem:
    """One post or comment as the provider gave it. Foreign text: never instructions, never markup."""

    external_id: str
    """Unique at the provider, stable over time (Reddit: the fullname, `t1_cu5u1vm`)."""
    kind: ItemKind
    thread_external_id: str
    """The post at the root of the conversation; equal to `external_id` for the post itself."""
    parent_external_id: str | None
    """What it answers; None for a post."""
    community: str
    """Where it was said, as people write it (`r/selfhosted`)."""
    author: str | None
    """Public name; None when the account is deleted."""
    title: str | None
    text: str
    """Plain text or the provider's source markup, never HTML; empty when removed."""
    posted_at: datetime
    """Timezone-aware, UTC."""
    permalink: str
    """Absolute https link to this very item; empty when a file that somebody brought names none."""
    upvotes: int | None = None
    replies: int | None = None
    """Direct and indirect replies as the provider counts them; None when it does not say."""
    removed: bool = False
    """True when the provider keeps the place but not the words."""


@dataclass(frozen=True, slots=True)
class Page:
    """One step of collection: what came back, and where to go on after it is stored."""

    payload: JsonValue
    cursor: Cursor | None
    """Where the next step starts; None when this was the last one."""
    requests: int
    """Calls made for this step (for the ledger); at least 1 unless it was served from an earlier answer."""
    usage: Mapping[str, int] = field(default_factory=dict)
    """What this step took besides its calls, by the unit that the ledger writes (`quota_unit`)."""
    expected_items: int | None = None
    """Best present guess of how many items the whole query holds, for progress; None when unknown."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the person who asks wants of every source alike."""

    since: datetime | None = None
    until: datetime | None = None
    keywords: tuple[str, ...] = ()
    """Any of these; matched by the provider where it can search, else by us after parsing."""
    item_limit: int | None = None
    """Stop after this many items."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the provider permits, from its documentation (link beside each value in the source)."""

    requests_per_minute: int
    page_size: int


@dataclass(frozen=True, slots=True)
class Volume:
    """How much a query will bring, as a band, before anything is spent."""

    items: tuple[int, int, int]
    """Low, likely, high."""
    requests: tuple[int, int, int]
    assumptions: tuple[str, ...] = ()
    """Sentences for the person who asks."""
    title: str = ""
    """What the query points at, in the provider's own words (`r/selfhosted`, a post's title)."""


class ProviderConfig(BaseModel):
    """Settings of one provider; each field is read from `ASTERISM_<ID>_<FIELD>`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    base_url: str
    requests_per_minute: int | None = None
    """Overrides the documented limit; None keeps it."""


class SourceQuery(BaseModel, ABC):
    """What to collect from one source. Subclasses add fields; the request form is made from them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @abstractmethod
    def label(self) -> str:
        """Return the query as a person would write it (`r/selfhosted`)."""

    def identity(self) -> str:
        """Return what two queries share that mean the same, however they are written: all that decides what is read."""
        return self.model_dump_json(exclude_defaults=True)

    @classmethod
    def refusal(cls, text: str) -> str:
        """Return why a text that is meant for this source names nothing there, as the end of a sentence about it.

        Empty for all that is not certainly meant for this source.
        """
        del text
        return ""


@dataclass(frozen=True, slots=True)
class ExecutionContext:
    """Frozen authority for one job: who calls, with what, and since when it may.

    Built only by `app.services.execution.build_execution_context`; the token never shows in a repr.
    """

    provider: str
    workspace_id: str
    job_id: str
    auth_method: AuthMethod
    token_source: TokenSource
    token: SecretStr | None = None
    connection_id: str | None = None
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    fallback_reason: str | None = None


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """What is known of one thing on a shelf without reading it."""

    title: str
    rows: int
    """Comments that it holds."""
    blocks: int
    days: Mapping[str, int] = field(default_factory=dict)
    """How many of them were posted on each day (`2026-11-22`); empty when it has no dates."""


class Shelf(Protocol):
    """What one workspace has brought itself, for sources that call nobody. Given by the caller."""

    async def facts(self, identifier: str) -> StoredFacts | None:
        """Return what is known of it; None when it is not there."""

    async def block(self, identifier: str, number: int) -> Sequence[JsonValue] | None:
        """Return its rows from `number` times a block on; None when there are no more."""


class Guard(Protocol):
    """What stands between a provider and the network: rate limit, breaker, counters. Given by the caller."""

    async def admit(self, provider: str, operation: str) -> None:
        """Wait briefly or raise `RateLimited`/`Unreachable` when the call may not be made now."""

    async def report(self, provider: str, operation: str, *, seconds: float, error: Exception | None) -> None:
        """Take note of the outcome of one call."""


class Source(Protocol):
    """A place where communities talk."""

    id: ClassVar[str]
    label: ClassVar[str]
    noun: ClassVar[str]
    """What one community is called there (`subreddit`)."""
    auth: ClassVar[AuthMethod]
    """`AuthMethod.NONE`: the provider needs no key, so that `ready()` is always True."""
    limits: ClassVar[Limits]
    quota: ClassVar[Quota | None]
    """Units given for a day, where the provider counts more than calls a minute."""
    stored: ClassVar[bool]
    """Whether it reads what the workspace has brought, from a `Shelf`, and calls nobody."""
    Config: ClassVar[type[ProviderConfig]]
    Query: ClassVar[type[SourceQuery]]

    def __init__(self, config: ProviderConfig, reach: Any) -> None:  # noqa: ANN401 - one of two, by `stored`
        """Keep both; make no call. `reach` is an `HttpClient`, or a `Shelf` where the source is a stored one."""

    @classmethod
    def ready(cls, config: ProviderConfig) -> bool:
        """Return True when `config` holds what real calls need (keys); False sends us to the sandbox."""

    @classmethod
    def recognise(cls, text: str) -> SourceQuery | None:
        """Return the query that a pasted link or a typed name means here; None when it is not ours."""

    def pages(self, query: SourceQuery, scope: Scope, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Yield one page after another, from `cursor` on. Raises `ProviderError`."""

    def parse(self, page: Page) -> Sequence[CollectedItem]:
        """Map one page to items: pure, no network. Raises `ContractChanged`."""

    async def measure(self, query: SourceQuery, scope: Scope) -> Volume:
        """Say how much the query will bring, in at most two cheap calls. Raises `ProviderError`."""
