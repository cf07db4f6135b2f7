"""Where log lines go in tests."""

from __future__ import annotations

import logging

import structlog


def log_to_pytest() -> None:
    """Hand log lines to the standard library, of whose lines pytest keeps each test's, and no line to `sys.stdout`.

    pytest swaps that for each test while threads of ours go on, and `print` of Python 3.11 crashes the process when
    another thread swaps `sys.stdout` under it (https://github.com/python/cpython/issues/130163).
    """
    if not any(isinstance(handler, logging.NullHandler) for handler in logging.root.handlers):
        logging.root.addHandler(logging.NullHandler())  # between two tests nobody keeps them: no word on the terminal
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.NOTSET),  # a command may have wanted errors only
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
