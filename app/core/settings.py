"""Every setting of the program: environment variables, and a `.env` file beside them.

Read once at the edge by `settings()`. All are optional; the defaults run without a key. Provider settings
(`ASTERISM_REDDIT_CLIENT_ID`, …) are declared by each provider's `Config` and read by `provider_values`.
"""

from __future__ import annotations

import ipaddress
import os
import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core.errors import SettingsError

PREFIX = "ASTERISM_"
ENV_FILE = ".env"


class SandboxMode(StrEnum):
    """When the local stand-ins answer instead of real providers."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class EmbedderName(StrEnum):
    """What turns items into vectors, from which topics and the map are made."""

    AUTO = "auto"
    CORPUS = "corpus"
    WORDLLAMA = "wordllama"


class Settings(BaseSettings):
    """The typed settings object. Times are in seconds."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore", frozen=True)

    public_url: str = Field(
        "http://localhost:3000", description="Where people open the pages. The web server listens on its port."
    )
    data_dir: Path = Field(
        Path(".asterism"), description="Folder for the database, the broker's files, the keys and the built pages."
    )
    database_url: str | None = Field(
        None,
        description="PostgreSQL, as postgresql://user:password@host/name. Empty: one SQLite file in the data folder.",
    )
    redis_url: str | None = Field(
        None, description="Redis or Valkey, as redis://host:6379/0. Empty: one is started and kept in the data folder."
    )
    state_redis_url: str | None = Field(
        None,
        description="A second Redis for page state, needed only with more than one web process. Empty: in memory.",
    )
    secret_keys: SecretStr | None = Field(
        None,
        description="Comma list of keys; the first signs and encrypts, all of them verify and decrypt. "
        "Empty: one is made and kept in the data folder.",
    )
    sandbox: SandboxMode = Field(
        SandboxMode.AUTO,
        description="auto: local SAMPLE providers stand in for those without a key; on: for all; off: for none.",
    )
    sandbox_url: str | None = Field(
        None, description="Address of a sandbox that runs elsewhere. Empty: one is started when it is needed."
    )
    sandbox_secret: SecretStr | None = Field(
        None, description="What the sandbox's /_control asks for. Empty: one is made at each start."
    )
    trusted_proxies: str | None = Field(
        None,
        description="Comma list of addresses or networks of your own reverse proxies, as 10.0.0.0/8: what they say of "
        "a caller's address is believed. Empty: nobody is, and a limit counts the proxy as one caller.",
    )
    worker_concurrency: int = Field(2, ge=1, le=64, description="Jobs that one worker runs at the same time.")
    lease_seconds: float = Field(
        60.0, gt=0, description="A job whose worker has been silent for this long is given to another."
    )
    sweep_seconds: float = Field(
        5.0, gt=0, description="How often the scheduler looks for due jobs, lost messages and expired leases."
    )
    queue_depth: int = Field(
        5000, ge=1, description="New analyses are refused while so many jobs wait, of all workspaces."
    )
    workspace_queue_depth: int = Field(1000, ge=1, description="The same for the jobs of one workspace.")
    workspace_running: int = Field(32, ge=1, description="Jobs of one workspace that run at the same time.")
    item_limit: int = Field(50_000, ge=100, description="Most items that one analysis collects.")
    import_max_bytes: int = Field(
        50_000_000, ge=1_000, le=2_000_000_000, description="Most bytes of a file of comments that somebody brings."
    )
    embedder: EmbedderName = Field(
        EmbedderName.AUTO,
        description="What topics are found with: wordllama (word vectors; better), corpus (the items' own words; needs "
        "no weights) or auto (wordllama where its package is installed, else corpus).",
    )
    log_level: str = Field("info", description="debug, info, warning or error.")
    log_json: bool = Field(default=False, description="One JSON object a line instead of text.")

    @field_validator("public_url")
    @classmethod
    def _public_url_is_an_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
            raise ValueError("must be an address such as http://localhost:3000, without a path")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database_is_one_we_speak(cls, value: str | None) -> str | None:
        if not value:
            return None
        if value.startswith("postgres://"):  # the form that many hosters give
            value = value.replace("postgres://", "postgresql://", 1)
        if not value.startswith(("postgresql://", "postgresql+psycopg://", "sqlite:///")):
            raise ValueError("must start with postgresql:// (or sqlite:/// with a file's path)")
        return value

    @field_validator("redis_url", "state_redis_url")
    @classmethod
    def _redis_is_one_we_speak(cls, value: str | None) -> str | None:
        if not value:
            return None
        if not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must start with redis://, rediss:// or unix://")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies_are_addresses(cls, value: str | None) -> str | None:
        for part in (value or "").split(","):
            try:
                ipaddress.ip_network(part.strip() or "127.0.0.1")
            except ValueError as error:
                raise ValueError("must be addresses or networks such as 10.0.0.1, 10.1.0.0/16") from error
        return value or None

    @field_validator("log_level")
    @classmethod
    def _log_level_is_known(cls, value: str) -> str:
        if value.lower() not in {"debug", "info", "warning", "error"}:
            raise ValueError("must be debug, info, warning or error")
        return value.lower()

    @property
    def port(self) -> int:
        """The port that the web server listens on."""
        parts = urlsplit(self.public_url)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def is_https(self) -> bool:
        """Whether people reach the pages over https."""
        return self.public_url.startswith("https://")

    @property
    def is_embedded(self) -> bool:
        """Whether the broker is ours to start."""
        return self.redis_url is None

    def folder(self) -> Path:
        """Return the data folder as an absolute path."""
        return self.data_dir.expanduser().resolve()


@cache
def settings() -> Settings:
    """Return the settings of this process, read once.

    Raises:
        SettingsError: A value is wrong; the message names the variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper() if first["loc"] else "a setting"
        reason = _said(first["msg"])
        raise SettingsError(f"{name} is {_shown(first.get('input'))}: {reason}. Correct it or remove it.") from None


def _shown(value: object) -> str:
    """Return a wrong value for a sentence, without the password that an address may hold."""
    return repr(re.sub(r"//[^/@]*@", "//…@", str(value)))


def _said(reason: str) -> str:
    """Return pydantic's reason in our voice: `must be auto, on or off`."""
    should = "Input should be "
    if reason.startswith(should):
        return "must be " + reason.removeprefix(should).replace("'", "")
    return reason.removeprefix("Value error, ")


def provider_values(provider: str) -> dict[str, str]:
    """Return the values set for one provider, by lower-case field name (`client_id`), from `.env` and environment."""
    prefix = f"{PREFIX}{provider.upper()}_"
    merged = {**dotenv_values(ENV_FILE), **os.environ}
    return {
        name.removeprefix(prefix).lower(): value for name, value in merged.items() if name.startswith(prefix) and value
    }
