"""Which encoding a file has, from its bytes alone."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import BinaryIO

from integrations.files.errors import NotReadable

PIECE = 1 << 16
LEGACY = "cp1252"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_STRANGERS = (
    (b"PK\x03\x04", "This is an Excel workbook or a ZIP archive; save the sheet as CSV (UTF-8) and bring that."),
    (b"\xd0\xcf\x11\xe0", "This is an old Excel workbook; save the sheet as CSV (UTF-8) and bring that."),
    (b"\x1f\x8b", "This file is compressed; unpack it and bring what is inside."),
    (b"(\xb5/\xfd", "This file is compressed; unpack it and bring what is inside."),
    (b"BZh", "This file is compressed; unpack it and bring what is inside."),
    (b"\xfd7zXZ", "This file is compressed; unpack it and bring what is inside."),
    (b"%PDF-", "This is a PDF; bring the comments as CSV, NDJSON or JSON."),
    (b"SQLite format 3", "This is a database; export its table as CSV and bring that."),
    (b"PAR1", "This is a Parquet file; export it as CSV or NDJSON and bring that."),
)
NOT_TEXT = "This is not a text file; bring CSV, NDJSON or JSON."


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to read the bytes as text."""

    codec: str
    """Python's name for it."""
    label: str
    """As people know it."""
    note: str | None = None
    """What was assumed, as a sentence; None when the bytes leave no doubt."""


def recognise(file: BinaryIO) -> Encoding:
    """Return the encoding of a file, which is read through once and left at its start.

    Raises:
        NotReadable: It is no text.
    """
    file.seek(0)
    try:
        return _recognised(file)
    finally:
        file.seek(0)


def _recognised(file: BinaryIO) -> Encoding:
    head = file.read(PIECE)
    for start, sentence in _STRANGERS:
        if head.startswith(start):
            raise NotReadable(sentence)
    for mark, codec, label in _MARKS:
        if head.startswith(mark):
            return _checked(file, Encoding(codec, label))
    wide = _without_mark(head)
    if wide is not None:
        return _checked(file, wide)
    if b"\x00" in head:
        raise NotReadable(NOT_TEXT)
    try:
        return _checked(file, Encoding("utf-8", "UTF-8"))
    except NotReadable:
        return _checked(
            file,
            Encoding(
                LEGACY,
                "Windows-1252",
                "The file is not UTF-8; it was read as Windows-1252 (Western European). If letters look wrong, save it "
                "as UTF-8 and bring it again.",
            ),
        )


def _without_mark(head: bytes) -> Encoding | None:
    """Recognise UTF-16 that does not say so: of mostly Latin text every second byte is zero."""
    sample = head[: len(head) // 2 * 2][:4000]
    if len(sample) < 4:
        return None
    for codec, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if zeros.count(0) > 0.7 * len(zeros):
            return Encoding(codec, "UTF-16", "The file does not say its encoding; it was read as UTF-16.")
    return None


def _checked(file: BinaryIO, encoding: Encoding) -> Encoding:
    """Return the encoding when the whole file is text in it. Raises `NotReadable`."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    controls = total = 0
    try:
        while piece := file.read(PIECE):
            text = decoder.decode(piece)
            total += len(text)
            controls += sum(map(text.count, _CONTROLS))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise NotReadable(
            f"The file is not whole {encoding.label} text; save it as UTF-8 and bring it again."
        ) from None
    if controls > total // 100:
        raise NotReadable(NOT_TEXT)
    return encoding


_CONTROLS = "\x00\x01\x02\x03\x04\x05\x06\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1c\x1d\x1e\x1f"
