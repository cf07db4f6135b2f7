"""Small made-up items (SAMPLE) for the tests of the stages."""

from datetime import UTC, datetime, timedelta

from app.services.pipeline.records import Record

START = datetime(2026, 3, 1, tzinfo=UTC)


def record(number: int, text: str, **changes) -> Record:
    values = {
        "id": f"item-{number:05d}",
        "text": text,
        "author": f"author-{number}",
        "thread": f"thread-{number % 7}",
        "community": "r/sample",
        "posted_at": START + timedelta(minutes=number),
        "permalink": f"https://example.org/item/{number}",
        "upvotes": number % 11,
        "is_post": False,
        "language": "en",
    }
    return Record(**{**values, **changes})
