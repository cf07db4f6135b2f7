"""Which Asterism a command speaks to: this machine's, unless an address names another."""

from __future__ import annotations

from typing import Annotated

import typer

Url = Annotated[str | None, typer.Option(envvar="ASTERISM_URL", help="Another Asterism; default: this machine's.")]
Key = Annotated[str | None, typer.Option(envvar="ASTERISM_KEY", help="API key for --url.", show_envvar=True)]
