"""Where log lines go in tests."""

from __future__ import annotations

import structlog


def log_to_descriptor() -> None:
    """Write log lines to descriptor 2 itself, past `sys.stdout` and `sys.stderr`.

    pytest swaps those two for each test while threads of ours go on, and `print` of Python 3.11 without a file crashes
    the process when another thread swaps `sys.stdout` under it (https://github.com/python/cpython/issues/130163).
    """
    stream = open(2, "w", encoding="utf-8", errors="replace", closefd=False)  # noqa: SIM115 - never closed
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(bool_as_flag=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
