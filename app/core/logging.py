"""Log lines: one event for each outcome, ids as fields, credentials never.

log.info("job.succeeded", job_id=…, seconds=…)
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from app.core.settings import Settings, settings

_SECRET_NAMES = re.compile(r"token|secret|password|authorization|cookie|api_key|credential", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"(?i)((?:bearer|basic)\s+|(?:__Host-)?sid=|token=|api_key=|client_secret=|access_token['\"]?\s*[:=]\s*['\"]?)"
    r"[^\s&;,'\"]{6,}"
)


def redact(text: str) -> str:
    """Return the text with everything that looks like a credential replaced."""
    return _SECRET_TEXT.sub(r"\1[redacted]", text)


def redact_event(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401
    """Mask credentials in a structlog event, by the field's name and by the text's look."""
    del logger, method
    for name, value in event.items():
        if _SECRET_NAMES.search(name):
            event[name] = "[redacted]"
        elif isinstance(value, str):
            event[name] = redact(value)
    return event


class RedactingFilter(logging.Filter):
    """Masks credentials in lines of other libraries (Reflex logs whole events, with cookies)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Render the line, mask it, let it pass."""
        record.msg = redact(record.getMessage())
        record.args = ()
        return True


def configure_beside_words() -> None:
    """Set up logging for a command whose standard output is read: what matters, to standard error."""
    config = settings()
    configure(config if config.log_level == "error" else config.model_copy(update={"log_level": "warning"}))


def configure(config: Settings) -> None:
    """Set up logging for this process: to standard error, as text or one JSON object a line."""
    level = getattr(logging, config.log_level.upper())
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if config.log_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact_event,  # last, so that tracebacks are masked too
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RedactingFilter())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.INFO))
    for noisy in ("httpx", "httpcore", "alembic", "celery.worker.strategy"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
