"""What went wrong at a provider, grouped by what the caller does next.

ProviderError
├── Retryable                 try the same call again later
│   ├── RateLimited           … not before `retry_after` seconds have passed
│   └── Unreachable           … no complete answer arrived (refused, reset, deadline, too large)
│       └── NotConnected      … and nothing was sent, so nothing can have been taken
├── NeedsReauth               park the job; its owner must reconnect or set a key
├── Rejected                  the request itself is wrong or not permitted; the same call can only fail again
│   └── Gone                  what was asked for is not there (deleted, private, never existed)
└── ContractChanged           the provider answered something we do not understand; retried once at most

Every message is one sentence that may be shown to a user; none ever contains a credential.
"""

from __future__ import annotations

GAVE_UP_WAITING = frozenset({408, 499})
"""Refusals that are none: the server took the call on, and the wait for one side of it was too long.

RFC 9110, section 15.5.9, and the 499 that nginx writes when the caller hung up."""
FAILED_ITSELF = 500
"""From this status on the server, or a proxy before it, failed: at which point of the work, nobody says."""


class ProviderError(Exception):
    """A call to a provider did not give what was asked for."""

    kind = "provider_error"
    never_begun = False
    """Whether an error of this class, when no answer came with it, means that the provider did not take the call on."""

    def __init__(self, message: str, *, provider: str, status: int | None = None, sample: str | None = None) -> None:
        """Describe the failure.

        Args:
            message: One sentence for a user: what happened and what it means.
            provider: Registry id of the provider, for example `reddit`.
            status: HTTP status of the answer, if there was one.
            sample: Redacted start of the answer, at most 300 characters, for the job's timeline.
        """
        super().__init__(message)
        self.message = message
        self.provider = provider
        self.status = status
        self.sample = sample

    @property
    def refused(self) -> bool:
        """Whether the call was certainly not taken on, so that it cost nothing.

        An answer that came is asked first, whatever its class: a success that holds an error tells of work that was
        begun, and a server that fails (5xx) or no longer waits may have done all of it.
        """
        if self.status is None:
            return self.never_begun
        return 400 <= self.status < FAILED_ITSELF and self.status not in GAVE_UP_WAITING

    def __reduce__(self) -> tuple[object, ...]:
        """Keep keyword arguments across processes: the default pickling of exceptions loses them."""
        return (_rebuild, (type(self), dict(self.__dict__)))


class Retryable(ProviderError):
    """The same call may succeed later."""

    kind = "retryable"


class RateLimited(Retryable):
    """The provider, or our own limiter, asks us to wait."""

    kind = "rate_limited"
    never_begun = True

    def __init__(
        self, message: str, *, provider: str, retry_after: float, status: int | None = 429, own_limit: bool = False
    ) -> None:
        """Describe the wait.

        Args:
            message: As of every `ProviderError`.
            provider: As of every `ProviderError`.
            retry_after: Seconds, already capped by the caller.
            status: As of every `ProviderError`.
            own_limit: A limit that we keep by ourselves asks for it: the provider has not refused anything.
        """
        super().__init__(message, provider=provider, status=status)
        self.retry_after = retry_after
        self.own_limit = own_limit


class Unreachable(Retryable):
    """No complete answer arrived."""

    kind = "unreachable"


class NotConnected(Unreachable):
    """No connection came about: whatever a call costs, this one was not made."""

    never_begun = True


class NeedsReauth(ProviderError):
    """The credentials are missing, expired or refused."""

    kind = "needs_auth"
    never_begun = True


class Rejected(ProviderError):
    """The provider understood the request and refuses it."""

    kind = "rejected"


class Gone(Rejected):
    """What was asked for is not there."""

    kind = "gone"


class ContractChanged(ProviderError):
    """The answer has a shape that we do not know."""

    kind = "contract_changed"


def _rebuild(cls: type[ProviderError], state: dict[str, object]) -> ProviderError:
    error = cls.__new__(cls)
    Exception.__init__(error, state["message"])
    error.__dict__.update(state)
    return error
