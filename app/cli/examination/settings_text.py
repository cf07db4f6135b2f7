"""All settings as the text of a `.env` file, made from the settings object and each provider's `Config`."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from app.core.settings import PREFIX, Settings
from integrations import registry
from integrations.sentiment.http import SentimentConfig, SentimentService

HEAD = """\
# Every setting of Asterism. All are optional; a line that is not commented out overrides the default beside it.
# Made by `asterism env-example`. Copy it to .env, or set environment variables of the same names.
"""


def env_text() -> str:
    """Return the whole text."""
    blocks = [HEAD, "\n".join(_lines(PREFIX, Settings))]
    for source_id, source in registry.sources().items():
        title = f"# {source.label}: without a key, local SAMPLE talk stands in (ASTERISM_SANDBOX=auto)."
        blocks.append("\n".join([title, *_lines(f"{PREFIX}{source_id.upper()}_", source.Config)]))
    for model_id, model in registry.models().items():
        title = f"# {model.label}: without a key and without an address of your own, the local engine does its work."
        blocks.append("\n".join([title, *_lines(f"{PREFIX}{model_id.upper()}_", model.Config)]))
    title = f"# {SentimentService.label}: without an address, the built-in model does its work."
    blocks.append("\n".join([title, *_lines(f"{PREFIX}{SentimentService.id.upper()}_", SentimentConfig)]))
    return "\n".join(f"{block.rstrip()}\n" for block in blocks)


def setting_names() -> list[str]:
    """Return the name of every setting."""
    return [
        line.removeprefix("# ").partition("=")[0] for line in env_text().splitlines() if line.startswith(f"# {PREFIX}")
    ]


def _lines(prefix: str, model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield from textwrap.wrap(field.description or "", 116, initial_indent="# ", subsequent_indent="# ")
        yield f"# {prefix}{name.upper()}={_default(field)}"


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=False)
    if value is None or field.is_required():
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, StrEnum | Path):
        return str(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
