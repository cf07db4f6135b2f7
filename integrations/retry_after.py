"""How long a refusal asks us to wait."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

DEFAULT_RETRY_AFTER = 30.0
"""Seconds to wait after a 429 that does not say how long."""

LONGEST_RETRY_AFTER = 3600.0
"""Seconds; whatever a provider asks beyond is cut, so that one absurd header cannot park a job for years."""


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float:
    """Return how long to wait after a refusal: 1 to `LONGEST_RETRY_AFTER` seconds.

    `Retry-After` holds seconds or a date (RFC 9110, section 10.2.3); without it `x-ratelimit-reset` is read as seconds.

    Args:
        headers: Header names in lower case.
        now: Timezone-aware; what a date is compared with.
    """
    text = headers.get("retry-after") or headers.get("x-ratelimit-reset") or ""
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
            seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()
        except (ValueError, OverflowError):
            return DEFAULT_RETRY_AFTER
    if math.isnan(seconds):
        return DEFAULT_RETRY_AFTER
    return min(max(seconds, 1.0), LONGEST_RETRY_AFTER)
