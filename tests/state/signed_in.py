"""A page's state with the session of a signed-in person, as the socket would hand it over."""

from __future__ import annotations

from typing import TypeVar, cast

import reflex as rx
from reflex.istate.data import RouterData

from app.core import web
from app.core.db import Database
from app.services import sessions

S = TypeVar("S", bound=rx.State)


def sign_in(database: Database) -> str:
    """Start a session of the local owner; return its token."""
    with database.write() as session:
        link = sessions.new_welcome_link(session)
    with database.write() as session:
        return sessions.sign_in_with_link(session, link).token


def opened(state: type[S], token: str = "", address: str = "/") -> S:
    """Return the state of a page that was opened at an address with this session's cookie."""
    # In its tree, as the socket hands it over: a handler may ask for the states beside its own.
    made = cast("S", rx.State(_reflex_internal_init=True).get_substate(state.get_full_name().split(".")))
    made.router = RouterData.from_router_data(
        {
            "headers": {"cookie": f"{web.cookie_name()}={token}"},
            "pathname": address.partition("?")[0],
            "asPath": address,
        }
    )
    return made
