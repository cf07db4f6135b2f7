"""The gate in front of every event: what is not registered here, nobody can call.

Any browser that opens the event socket can name any handler of any state and send any argument. So a handler runs only
if it was made by `event` below, its arguments fit its annotations, and the session in the HttpOnly cookie is good at
that moment. Whatever is added later and forgets this module fails closed.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlencode

import pydantic_core
import reflex as rx
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext

from app.core import edge, secrets, web
from app.services import sessions

log = structlog.get_logger(__name__)

F = TypeVar("F", bound=Callable[..., Any])

_MARK = "_asterism_gate"
SIGN_IN = "/sign-in"
LONGEST_TEXT = 50_000
"""Characters of an argument whose annotation names no bound of its own: no page has a field for more."""
LONGEST_SENTENCE = 400

_ROOT = "reflex___state____state."
_ON_LOAD = f"{_ROOT}reflex___state____on_load_internal_state."
INTERNAL = frozenset(
    {
        f"{_ROOT}hydrate",
        f"{_ROOT}hydrate_and_load",
        f"{_ON_LOAD}on_load_internal",
        f"{_ON_LOAD}set_is_hydrated",
        f"{_ROOT}set_is_hydrated",
    }
)
"""What Reflex's own script sends to show any page at all. It reads no data of ours: the `on_load` handlers that it
starts pass this gate as events of their own. Client storage writes are not among them: no state of ours uses any."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one handler may be called."""

    anonymous: bool


@typing.overload
def event(handler: F) -> F: ...


@typing.overload
def event(*, background: bool = False, anonymous: bool = False, **options: Any) -> Callable[[F], F]: ...


def event(
    handler: F | None = None, *, background: bool = False, anonymous: bool = False, **options: Any
) -> F | Callable[[F], F]:
    """Make a method of a state callable from the browser, through the gate.

    Every argument needs an annotation; the gate validates what the browser sends against it, strictly as JSON (a
    string is no number), and hands the handler the validated value. Use it bare (`@event`) or with options.

    Args:
        handler: The method, when used bare.
        background: Run outside the state's lock (a watcher).
        anonymous: Callable without a session. Only the sign-in page needs it.
        options: Passed to `rx.event` (`debounce`, `throttle`, `supersedes`, …).

    Raises:
        TypeError: The method is not async (a sync handler stalls every page of the process), or an argument has no
            annotation.
    """

    def mark(method: F) -> F:
        if not (inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method)):
            raise TypeError(f"{method.__qualname__} must be async: a sync handler stalls every open page.")
        for parameter in _arguments(method):
            if parameter.annotation is inspect.Parameter.empty:
                raise TypeError(
                    f"{method.__qualname__}: argument {parameter.name!r} needs a type for the gate to check."
                )
        setattr(method, _MARK, Rule(anonymous=anonymous))
        return typing.cast("F", rx.event(method, background=background or None, **options))

    return mark if handler is None else mark(handler)


def rule_of(name: str) -> Rule | None:
    """Return the rule of a registered handler by its full name; None when it is not one of ours."""
    registered = RegistrationContext.get().event_handlers.get(name)
    rule = getattr(registered.handler.fn, _MARK, None) if registered is not None else None
    return rule if isinstance(rule, Rule) else None


def validated(handler: Callable[..., Any], payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments as the handler's annotations want them.

    Raises:
        ValidationError: One is missing, unknown or of a wrong type.
    """
    model = _payload_model(handler)
    checked = model.model_validate_json(pydantic_core.to_json(payload), strict=True)
    return {name: getattr(checked, name) for name in checked.model_fields_set}


class Bearer(rx.State):
    """Whose session a tab's state was filled for."""

    _session_hash: str = ""


class Gate(Middleware):
    """Denies every event that is not registered, not well-formed, or without a session."""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """Let the event through (None), or answer in its place."""
        del app
        token = web.session_token(state.router.headers.cookie)
        await _empty_if_anothers(state, token)
        if event.name in INTERNAL:
            return _check(event)
        rule = rule_of(event.name)
        if rule is None:
            log.warning("gate.refused", handler=event.name[:200], reason="not registered")
            return StateUpdate()
        if not rule.anonymous:
            actor = await edge.read(sessions.actor_for_session, token)
            if actor is None:
                log.info("gate.refused", handler=event.name, reason="not signed in")
                return StateUpdate() if _is_at_sign_in(state) else _answer(rx.redirect(_to_sign_in(state)))
        return _check(event)


def _check(event: Event) -> StateUpdate | None:
    """Put validated arguments into the event; when they do not fit, return the sentence for the page."""
    try:
        arguments = validated(RegistrationContext.get().event_handlers[event.name].handler.fn, event.payload)
    except (ValidationError, ValueError) as error:
        name = _place(error) if isinstance(error, ValidationError) else "input"
        log.warning("gate.refused", handler=event.name, reason="wrong argument", argument=name)
        return _answer(Fault.show(f"That was not accepted: {name} is not valid. Reload the page and try again."))
    event.payload.clear()
    event.payload.update(arguments)
    return None


def _place(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    return ".".join(str(part) for part in fault["loc"])[:100] or "input"


async def _empty_if_anothers(state: BaseState, token: str) -> None:
    """Reset a tab's state when the session is not the one that filled it.

    The tab's name is chosen by the browser and is no secret: whoever connects with it later is given its state.
    """
    bearer = await state.get_state(Bearer)
    session_hash = secrets.token_hash(token) if token else ""
    # Names with an underscore are what the browser cannot see or call, also between states.
    if bearer._session_hash != session_hash:  # noqa: SLF001
        await _load_all(state)
        state._get_root_state().reset()  # noqa: SLF001
        bearer._session_hash = session_hash  # noqa: SLF001


async def _load_all(state: BaseState) -> None:
    """Bring in every state of the tab: where they are kept in Redis, an event has only its own at hand."""
    pending = list(type(state._get_root_state()).get_substates())  # noqa: SLF001
    for kind in pending:
        await state.get_state(kind)
        pending += kind.get_substates()


def _is_at_sign_in(state: BaseState) -> bool:
    return state.router.url.path.rstrip("/") == SIGN_IN


def _to_sign_in(state: BaseState) -> str:
    """Return the address of the sign-in page, with the page that was wanted."""
    url = state.router.url
    wanted = web.own_path(f"{url.path}?{url.query}" if url.query else url.path)
    return f"{SIGN_IN}?{urlencode({'next': wanted})}" if wanted not in {"", "/"} else SIGN_IN


def _answer(spec: Any) -> StateUpdate:
    return StateUpdate(events=Event.from_event_type(spec))


def _arguments(method: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(method).parameters.values())[1:]


@cache
def _payload_model(handler: Callable[..., Any]) -> type[BaseModel]:
    hints = typing.get_type_hints(handler, include_extras=True)
    fields: dict[str, Any] = {
        parameter.name: (
            hints[parameter.name],
            ... if parameter.default is inspect.Parameter.empty else parameter.default,
        )
        for parameter in _arguments(handler)
    }
    config = ConfigDict(extra="forbid", strict=True, str_max_length=LONGEST_TEXT)
    return create_model(f"{handler.__qualname__}.payload", __config__=config, **fields)


class Fault(rx.State):
    """What a page says when a handler failed; a toast of Reflex's would run through `eval`, which is forbidden."""

    sentence: str = ""

    @event(anonymous=True)
    async def show(self, sentence: str) -> None:
        """Show it until it is closed or the next one comes."""
        self.sentence = sentence[:LONGEST_SENTENCE]

    @event(anonymous=True)
    async def close(self) -> None:
        """Take it away."""
        self.sentence = ""
