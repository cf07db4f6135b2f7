"""What can go wrong on our side, each with an HTTP status, a stable code and one sentence for the user.

AppError
├── InvalidInput        422  the request is malformed; `field` says where
├── NotSignedIn         401
├── NotPermitted        403  signed in, but the role does not allow it
├── NotFound            404  also for things of another workspace
├── Conflict            409  not possible in the present state
│   └── CapReached      409  the next call could cost more than the cap leaves
├── TooLarge            413  more bytes than are taken
├── TooSlow             408  the body did not arrive in time
├── TooMany             429  refused for now; `retry_after` seconds
└── Unavailable         503  a part that this needs does not work now
SettingsError                a setting is wrong; the program does not start
"""

from __future__ import annotations


class AppError(Exception):
    """Something a user can understand and act on."""

    status = 500
    code = "error"

    def __init__(self, message: str, *, field: str | None = None, retry_after: float | None = None) -> None:
        """Describe it.

        Args:
            message: What happened, what it means, what to do: one sentence.
            field: Name of the input that is wrong.
            retry_after: Seconds after which the same request may succeed.
        """
        super().__init__(message)
        self.message = message
        self.field = field
        self.retry_after = retry_after


class InvalidInput(AppError):
    """The request is malformed."""

    status = 422
    code = "invalid_input"


class NotSignedIn(AppError):
    """No session or key, or one that is no longer good."""

    status = 401
    code = "not_signed_in"


class NotPermitted(AppError):
    """Signed in, but the role does not allow it."""

    status = 403
    code = "not_permitted"


class NotFound(AppError):
    """It is not there, or belongs to another workspace."""

    status = 404
    code = "not_found"


class Conflict(AppError):
    """Not possible in the present state."""

    status = 409
    code = "conflict"


class CapReached(Conflict):
    """The next call could cost more than the cap leaves."""

    code = "cap_reached"


class TooLarge(AppError):
    """More bytes than are taken."""

    status = 413
    code = "too_large"


class TooSlow(AppError):
    """The body did not arrive in time."""

    status = 408
    code = "too_slow"


class TooMany(AppError):
    """Refused for now."""

    status = 429
    code = "too_many"


class Unavailable(AppError):
    """A part that this needs does not work now."""

    status = 503
    code = "unavailable"


class SettingsError(Exception):
    """A setting is wrong; the message names it, says why, and what to write instead."""
