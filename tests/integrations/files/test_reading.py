from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.files import reading
from integrations.files import rows as shapes
from integrations.files.blocks import blocks, pack, unpack
from integrations.files.errors import NotReadable
from integrations.files.rows import Row

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff"), max_size=40)
NAMES = ("id", "body", "author")


def read(data: bytes) -> tuple[shapes.Shape, list[Row]]:
    file = io.BytesIO(data)
    shape = reading.recognise(file)
    return shape, list(reading.rows(file, shape))


def written(rows: list[list[str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([NAMES, *rows])
    return text.getvalue()


@given(
    st.lists(
        st.lists(WORDS | st.sampled_from(['a"b', "x\ny", "1,2;3\t4|5"]), min_size=3, max_size=3),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(sorted(shapes.DELIMITERS)),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_a_csv_writer_writes_is_read_back_cell_by_cell(rows, delimiter, encoding):
    shape, found = read(written(rows, delimiter).encode(encoding))
    assert shape.headers == NAMES
    expected = [
        {name: cell for name, cell in zip(NAMES, row, strict=True) if cell.strip()}
        for row in rows
        if any(cell.strip() for cell in row)
    ]
    assert [row.cells for row in found] == expected
    assert [row.problem for row in found] == [None] * len(found)


@given(st.lists(st.dictionaries(st.sampled_from(NAMES), WORDS, min_size=1), min_size=1, max_size=20), st.booleans())
def test_objects_are_read_alike_from_lines_from_a_list_and_from_a_list_inside_an_object(values, ascii_only):
    expected = [{name: word for name, word in value.items() if word.strip()} for value in values]
    lines = "\n".join(json.dumps(value, ensure_ascii=ascii_only) for value in values)
    forms = [
        ("ndjson", lines),
        ("json", json.dumps(values, ensure_ascii=ascii_only, indent=1)),
        ("json", json.dumps({"meta": {"n": [1, 2]}, "none": [], "rows": values}, ensure_ascii=ascii_only)),
    ]
    for form, text in forms:
        shape, found = read(text.encode())
        assert shape.format == form
        assert [row.cells for row in found] == expected


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")))
def test_no_bytes_end_in_anything_but_rows_or_one_sentence(data):
    try:
        shape, rows = read(data)
    except NotReadable:
        return
    assert all(row.problem is None or row.sample is not None for row in rows)
    assert unpack(pack(rows)) == rows
    assert shape.encoding.label


@given(st.lists(st.tuples(st.integers(1, 10**6), st.dictionaries(WORDS, WORDS))))
def test_blocks_keep_every_row_in_its_order(values):
    rows = [Row(number, cells) for number, cells in values]
    assert [row for block in blocks(rows) for row in unpack(pack(block))] == rows


def test_rows_that_are_none_keep_their_number_and_the_reason():
    _, rows = read(b'id,text\n1,a\n\n2,b,c\n"x",d\n3,"never closed\n4,e\n')
    assert [(row.number, row.problem) for row in rows] == [
        (2, None),
        (4, shapes.MORE_CELLS),
        (5, None),
        (6, shapes.CELL_TOO_LONG),
    ]


def test_a_row_and_a_cell_have_a_longest_length(monkeypatch):
    _, rows = read(b"id,text\n1," + b"x" * 100_001 + b"\n2,ok\n")
    assert [row.problem for row in rows] == [shapes.CELL_TOO_LONG, None]
    _, rows = read(b'{"a":"ok"}\n{"a":"' + b"x" * 2_500_000 + b'"}\n{"a":"ok"}\n')
    assert [(row.number, row.problem) for row in rows] == [(1, None), (2, shapes.TOO_LONG), (3, None)]
    with pytest.raises(NotReadable, match="longer than"):
        read(b'[{"a":"' + b"x" * 2_500_000 + b'"}]')
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    with pytest.raises(NotReadable, match="split it"):
        read(b"text\n" + b"a\n" * 4)


def test_lines_of_json_that_are_none_cost_only_themselves():
    deep = '{"a":' * 3000 + "1" + "}" * 3000
    lines = [
        "{",
        "7",
        '"x"',
        deep,
        '{"a":{"b":{"c":{"d":{"e":1}}}}}',
        json.dumps({f"f{n}": n for n in range(300)}),
        '{"n":1e999}',
    ]
    _, rows = read("\n".join(['{"a":"first"}', *lines]).encode())
    assert [row.problem for row in rows] == [
        None,
        shapes.NOT_JSON,
        shapes.NO_OBJECT,
        shapes.NO_OBJECT,
        shapes.NOT_JSON,
        shapes.TOO_DEEP,
        shapes.TOO_WIDE,
        None,
    ]


@pytest.mark.parametrize(
    ("data", "delimiter", "headers"),
    [
        (b"sep=;\r\na;b\r\n1;2\r\n", ";", ("a", "b")),
        (b"a\tb\n1,5\t2\n", "\t", ("a", "b")),
        (b"text\nhello, you; there\n", None, ("text",)),
        (b"a,a,\n1,2,3\n", ",", ("a", "a (2)", "column 3")),
        (b"1,2026-01-01,hello\n2,2026-01-02,you\n", ",", ("column 1", "column 2", "column 3")),
        (b"id;text\n1;one, two, three\n2;x, y\n", ";", ("id", "text")),
    ],
)
def test_delimiter_and_headers_are_recognised(data, delimiter, headers):
    shape, rows = read(data)
    assert (shape.delimiter, shape.headers) == (delimiter, headers)
    assert all(row.problem is None for row in rows)


@pytest.mark.parametrize(
    ("data", "label", "noted"),
    [
        ("text\nGrüße\n".encode(), "UTF-8", False),
        ("text\nGrüße\n".encode("utf-8-sig"), "UTF-8", False),
        ("text\nGrüße\n".encode("utf-16"), "UTF-16", False),
        ("text\nGrüße\n".encode("utf-32"), "UTF-32", False),
        ("text\nGrusse\n".encode("utf-16-le"), "UTF-16", True),
        ("text\nGrusse\n".encode("utf-16-be"), "UTF-16", True),
        ("text\nGrüße\n".encode("cp1252"), "Windows-1252", True),
        (b"text\n" + b"x" * 200_000 + "\nGrüße\n".encode("cp1252"), "Windows-1252", True),
    ],
)
def test_the_encoding_is_recognised_and_what_was_assumed_is_said(data, label, noted):
    shape, rows = read(data)
    assert shape.encoding.label == label
    assert bool(shape.notes) is noted
    assert rows[-1].cells.get("text", "").startswith("Gr") or rows[-1].problem


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04x", b"\x1f\x8bx", b"%PDF-1.4", b"\x00\x00\x00", b"\xff\xfe\x00\xd8x", bytes(range(32)) * 9]
)
def test_what_is_no_text_is_refused(data):
    with pytest.raises(NotReadable):
        read(data)
