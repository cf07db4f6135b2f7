"""Lists every registered event handler of the web application as JSON, with arguments that the gate accepts.

Run as a program of its own: Reflex registers handlers in the context of the first import, which a test shares with
none.
"""

from __future__ import annotations

import inspect
import json
import sys
import types
import typing
from typing import Any

PLACE_OF_ID = "<id>"
"""Stands wherever a text fits; the caller puts the id of what is another's there."""


def example(hint: Any) -> Any:
    """Return a value of a type."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return example(inner[0])
    if origin in {typing.Union, types.UnionType}:
        return example(next(part for part in inner if part is not type(None)))
    if origin is typing.Literal:
        return inner[0]
    if hint in {int, float, bool}:
        return hint(1)
    if origin is dict or hint is dict:
        return {"analysis_id": PLACE_OF_ID, "id": PLACE_OF_ID}
    if origin in {list, tuple, set}:
        return [example(inner[0])] if inner else []
    return PLACE_OF_ID


def listing() -> dict[str, dict[str, Any]]:
    """Return all handlers by their full names."""
    from reflex_base.registry import RegistrationContext

    import app.app  # noqa: F401 - registers every state and page
    from state.gate import INTERNAL, rule_of

    found = {}
    for name, registered in RegistrationContext.get().event_handlers.items():
        handler = registered.handler.fn
        hints = typing.get_type_hints(handler)
        rule = rule_of(name)
        found[name] = {
            "ours": rule is not None,
            "anonymous": rule is not None and rule.anonymous,
            "internal": name in INTERNAL,
            "framework": all(state.__module__.startswith("reflex") for state in registered.states),
            "arguments": {
                argument: example(hints.get(argument, str))
                for argument in list(inspect.signature(handler).parameters)[1:]
            },
        }
    return found


if __name__ == "__main__":
    json.dump(listing(), sys.stdout)
