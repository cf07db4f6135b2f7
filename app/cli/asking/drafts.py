"""Files that appear only when they are complete."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from app.core.errors import InvalidInput


@contextmanager
def written(output: Path | None) -> Iterator[BinaryIO]:
    """Give what to write to; a file gets its name when the block ends without an error, and is gone otherwise.

    Args:
        output: The file; None is standard output.

    Raises:
        InvalidInput: The file cannot be written.
    """
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    draft = output.with_name(f".{output.name}.part")
    try:
        with draft.open("wb") as file:
            yield file
        draft.replace(output)
    except OSError as error:
        raise InvalidInput(f"{output} cannot be written ({error.strerror}); name another --output.") from error
    finally:
        draft.unlink(missing_ok=True)
