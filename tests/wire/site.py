"""The real web application, and one page more with everything that the gate must tell apart."""

from __future__ import annotations

import reflex as rx

from app.app import app
from app.core import bus, clock, hub
from app.core.errors import Conflict
from state.base import Base
from state.gate import event


class Probe(Base, rx.State):
    """A page's state whose handlers say that they ran."""

    ran: list[str] = []  # noqa: RUF012 - Reflex copies it for each tab
    beat: int = 0
    secret: str = ""

    @event
    async def count(self, number: int, word: str = "none") -> None:
        """Take typed arguments."""
        self.ran = [*self.ran, f"count {number!r} {word}"]

    @event(anonymous=True)
    async def greet(self) -> None:
        """Be open to all."""
        self.ran = [*self.ran, "greet"]

    @event
    async def remember(self) -> None:
        """Keep something of the signed-in user."""
        actor = await self._actor()
        self.secret = f"{actor.name}'s secret"

    @event(anonymous=True)
    async def fail(self, how: str) -> None:
        """Raise an error of ours, or a bug."""
        if how == "ours":
            raise Conflict("This is finished already; start another.")
        raise RuntimeError("a bug of ours")

    async def forgotten(self) -> None:
        """Be public, and registered with Reflex alone."""
        self.ran = [*self.ran, "forgotten"]

    @rx.event(background=True)
    async def forgotten_watch(self) -> None:
        """Run in the background, and be registered with Reflex alone."""
        async with self:
            self.ran = [*self.ran, "forgotten_watch"]

    @event(background=True)
    async def watch(self) -> None:
        """Show each message of a channel."""
        try:
            async for update in hub.watch(bus.OPS, _moment, busy=bool):
                async with self:
                    self.beat += 1
                del update
        finally:
            bus.publish("probe", {"watch": "ended"})


class Neighbour(Base, rx.State):
    """Another state of the same tab: an event of the first has no need of it."""

    _kept: str = ""
    told: str = "nothing"

    @event
    async def remember(self) -> None:
        """Keep something of the signed-in user where the browser cannot see it."""
        self._kept = "a neighbour's secret"

    @event
    async def tell(self) -> None:
        """Show what is kept."""
        self.told = f"told {self._kept}"


async def _moment() -> str:
    return clock.now().isoformat()


def page() -> rx.Component:
    """Show what the state holds."""
    return rx.el.p(Probe.ran.to_string(), Probe.beat, Probe.secret)


app.add_page(page, route="/probe", on_load=Probe.watch)
