"""The checks of `asterism doctor`: each looks at one part and says what is off, why, and what to do."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from app.cli.supervisor.folder import running_url
from app.cli.supervisor.ports import Address, is_answering, web_address
from app.core import frontend, migrate, redis
from app.core.db import database, database_now
from app.core.errors import SettingsError
from app.core.settings import PREFIX, EmbedderName, SandboxMode, Settings, provider_values, settings
from app.services import engines, providers, queue, upkeep
from app.services.pipeline import wordllama_vectors
from integrations import registry
from integrations.sentiment.http import SentimentConfig, SentimentService

START = "Start everything with `asterism run`."
LATE_TICKS = 6
"""So many missed sweeps mean that no scheduler runs."""
FEW_BYTES = 1_000_000_000


class State(StrEnum):
    """What a check found."""

    OK = "ok"
    OFF = "off"
    """Not in use, by choice or because nothing runs now; the rest works."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, in words."""

    name: str
    state: State
    why: str
    remedy: str = ""
    """What to do; empty when there is nothing to do."""

    def sentence(self) -> str:
        """Return why and what to do."""
        return f"{self.why} {self.remedy}".strip()

    def as_json(self) -> dict[str, str | None]:
        """Return it for `--json`."""
        return {"name": self.name, "state": self.state.value, "why": self.why, "do": self.remedy or None}


def examine() -> list[Finding]:
    """Run every check; none of them changes anything."""
    try:
        config = settings()
    except SettingsError as error:
        return [_python(), Finding("settings", State.BROKEN, str(error))]
    findings = [_python(), *_settings(config), _folder(config)]
    tables = _database(config)
    findings += [tables, _broker(config)]
    findings += [_after(check, tables) for check in (_workers, _scheduler)]
    return [
        *findings,
        _sandbox(config),
        _pages(config),
        _web(config),
        *_providers(config),
        *_models(),
        _sentiment(),
        _embedder(config),
    ]


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if (3, 11) <= sys.version_info[:2] < (3, 14):
        return Finding("python", State.OK, f"Python {version}.")
    return Finding("python", State.BROKEN, f"Python {version} is not supported.", "Use 3.11, 3.12 or 3.13.")


def _settings(config: Settings) -> Iterator[Finding]:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for source_id, source in registry.sources().items():
        known |= _names(source_id, source.Config)
    for model_id, model in registry.models().items():
        known |= _names(model_id, model.Config)
    known |= _names(SentimentService.id, SentimentConfig)
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known | _OWN)
    if unknown:
        yield Finding(
            "settings",
            State.BROKEN,
            f"{', '.join(unknown)}: no such setting, so it has no effect.",
            "See `asterism env-example` for the names.",
        )
    else:
        yield Finding("settings", State.OK, f"Pages open at {config.public_url}.")


def _names(provider_id: str, config: type[BaseModel]) -> set[str]:
    return {f"{PREFIX}{provider_id}_{field}".upper() for field in config.model_fields}


_OWN = frozenset({f"{PREFIX}SUPERVISED"})


def _folder(config: Settings) -> Finding:
    folder = config.folder()
    if not folder.exists():
        return Finding("folder", State.OFF, f"{folder} does not exist yet.", START)
    if not os.access(folder, os.W_OK):
        return Finding(
            "folder", State.BROKEN, f"{folder} cannot be written.", "Make it writable, or set ASTERISM_DATA_DIR."
        )
    free = shutil.disk_usage(folder).free
    if free < FEW_BYTES:
        return Finding("folder", State.BROKEN, f"Only {free // 1_000_000} MB are free in {folder}.", "Make room.")
    return Finding("folder", State.OK, f"{folder}, {free // 1_000_000_000} GB free.")


def _database(config: Settings) -> Finding:
    kind = "SQLite" if config.database_url is None or config.database_url.startswith("sqlite") else "PostgreSQL"
    if config.database_url is None and not (config.folder() / "asterism.sqlite3").exists():
        return Finding("database", State.OFF, "There is none yet.", START)
    try:
        current = migrate.is_current(database())
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return Finding(
            "database", State.BROKEN, f"{kind} does not answer ({reason}).", "Correct ASTERISM_DATABASE_URL."
        )
    if not current:
        return Finding("database", State.BROKEN, f"{kind} has an older shape.", "Run `asterism db upgrade`.")
    return Finding("database", State.OK, f"{kind}, up to date.")


def _broker(config: Settings) -> Finding:
    from redis.exceptions import RedisError  # noqa: PLC0415 - as in app.core.redis

    try:
        redis.connection().ping()
    except (RedisError, OSError):
        if config.is_embedded:
            return Finding("broker", State.OFF, "The embedded Valkey does not run.", START)
        return Finding(
            "broker",
            State.BROKEN,
            "The broker does not answer: jobs wait for the sweep.",
            "Correct ASTERISM_REDIS_URL.",
        )
    return Finding("broker", State.OK, "Embedded Valkey." if config.is_embedded else "Answers.")


def _after(check: Callable[[], Finding], tables: Finding) -> Finding:
    if tables.state is not State.OK:
        return Finding(check.__name__.strip("_"), State.OFF, "Not to be seen without the database.")
    return check()


def _workers() -> Finding:
    with database().read() as session:
        free, total = queue.workers(session)
    if total == 0:
        return Finding("workers", State.OFF, "None runs: jobs wait.", f"{START} Or start one: `asterism worker`.")
    return Finding("workers", State.OK, f"{total} jobs can run at once, {free} more could start now.")


def _scheduler() -> Finding:
    with database().read() as session:
        tick, now = upkeep.last_tick(session), database_now(session)
    if tick is None or tick.last_started_at is None:
        return Finding("scheduler", State.OFF, "It has not run yet.", START)
    if now - tick.last_started_at > timedelta(seconds=LATE_TICKS * max(tick.every_seconds, 1)):
        when = tick.last_started_at.isoformat(timespec="seconds")
        return Finding("scheduler", State.OFF, f"It last swept at {when}.", f"{START} Or: `asterism scheduler`.")
    return Finding("scheduler", State.OK, f"Sweeps every {tick.every_seconds:g} s.")


def _sandbox(config: Settings) -> Finding:
    if config.sandbox is SandboxMode.OFF:
        return Finding("sandbox", State.OFF, "Switched off by ASTERISM_SANDBOX=off.")
    if config.sandbox_url is None:
        if running_url(config.folder()):
            return Finding("sandbox", State.OK, "Kept by the running program, for providers without a key.")
        return Finding("sandbox", State.OFF, "It is started with the rest when a provider has no key.", START)
    parts = urlsplit(config.sandbox_url)
    if not is_answering(Address(parts.hostname or "", parts.port or 80)):
        return Finding(
            "sandbox", State.BROKEN, f"{config.sandbox_url} does not answer.", "Start it: `asterism sandbox`."
        )
    return Finding("sandbox", State.OK, f"Answers at {config.sandbox_url}.")


def _pages(config: Settings) -> Finding:
    if frontend.built(config) is None:
        return Finding("pages", State.OFF, "Not built for this version and address.", "`asterism run` builds them.")
    return Finding("pages", State.OK, "Built for this version and address.")


def _web(config: Settings) -> Finding:
    address = web_address(config)
    if not is_answering(address):
        return Finding("web", State.OFF, f"Nothing listens on {address.host}:{address.port}.", START)
    if running_url(config.folder()) != config.public_url and config.is_embedded:
        return Finding(
            "web",
            State.BROKEN,
            f"Something listens on port {address.port}, and it is not Asterism in {config.folder()}.",
            "Stop it, or choose another port with ASTERISM_PUBLIC_URL.",
        )
    return Finding("web", State.OK, f"Answers at {config.public_url}.")


def _providers(config: Settings) -> Iterator[Finding]:
    for source_id, source in registry.sources().items():
        if source.stored:  # nothing to reach
            continue
        try:
            found = providers.source_setup(source_id)
        except SettingsError as error:
            yield Finding(source_id, State.BROKEN, str(error))
            continue
        has_key = source.ready(found.config) and bool(provider_values(source_id))
        if found.sample and (found.problem is None or config.sandbox_url is None):
            reason = "for all providers (ASTERISM_SANDBOX=on)" if has_key else "since it has no key"
            yield Finding(source_id, State.OK, f"{found.label}: SAMPLE talk from the sandbox, {reason}.")
        elif found.problem:
            yield Finding(source_id, State.OFF, found.problem)
        else:
            yield Finding(source_id, State.OK, f"{found.label}: real, at {urlsplit(found.config.base_url).netloc}.")


def _models() -> Iterator[Finding]:
    for model_id in registry.model_ids():
        try:
            found = providers.model_setup(model_id)
        except SettingsError as error:
            yield Finding(model_id, State.BROKEN, str(error))
            continue
        why_not = found.problem or engines.why_no_model()
        if why_not:
            yield Finding(model_id, State.OFF, f"{why_not} Until then the local engine does its work.")
        else:
            where = urlsplit(found.config.base_url).netloc
            name = getattr(found.config, "model", "")
            yield Finding(model_id, State.OK, f"{found.label}: {name} at {where}; its calls cost money.")


def _sentiment() -> Finding:
    try:
        found = providers.sentiment_setup()
    except SettingsError as error:
        return Finding(SentimentService.id, State.BROKEN, str(error))
    if found.problem:
        return Finding(
            SentimentService.id, State.OFF, "No service is set (ASTERISM_SENTIMENT_URL): the built-in model."
        )
    where = urlsplit(found.config.url).netloc
    return Finding(SentimentService.id, State.OK, f"{SentimentService.label} at {where} may score texts.")


def _embedder(config: Settings) -> Finding:
    own_words = Finding("embedder", State.OK, "Topics are found by the items' own words.")
    if config.embedder is EmbedderName.CORPUS:
        return own_words
    failure = wordllama_vectors.failure()
    if not failure:
        return Finding("embedder", State.OK, f"Topics are found with word vectors. {wordllama_vectors.NOTICE}")
    if not wordllama_vectors.installed():
        if config.embedder is EmbedderName.AUTO:
            return own_words
        instead = f"Run {wordllama_vectors.INSTALL}, or remove the setting."
    else:
        instead = f"Run {wordllama_vectors.REINSTALL} and start anew, or set ASTERISM_EMBEDDER=corpus."
    why = f"No word vectors ({wordllama_vectors.PACKAGE}): {failure}; topics are found by the items' own words."
    return Finding("embedder", State.OFF, why, instead)
