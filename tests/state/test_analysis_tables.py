from __future__ import annotations

from datetime import timedelta

from app.services.contract import CostEntryView, MetadataView, ResultsView
from app.services.operations_providers import labels
from state import analysis_tables
from state.analysis_tables import CLIP, MAX_TEXT, Part, band_rows, cost_row, item_row, job_row, parts_of, stack_row
from state.figures import SENTIMENTS, Stack
from tests.state import views


def test_a_short_item_shows_whole() -> None:
    row = item_row(views.item("Short."), {})

    assert (row.clip, row.rest, row.cut) == ("Short.", "", False)


def test_a_long_item_is_clipped_between_words_and_opens() -> None:
    text = "word " * 100

    row = item_row(views.item(text), {})

    assert len(row.clip) <= CLIP
    assert row.clip.endswith("word")
    assert f"{row.clip} {row.rest}" == text.strip()


def test_a_huge_item_is_cut_and_says_so() -> None:
    row = item_row(views.item("x" * (MAX_TEXT + 1)), {})

    assert row.cut
    assert len(row.clip) + len(row.rest) == MAX_TEXT


def test_an_item_carries_its_flags_with_reasons() -> None:
    row = item_row(
        views.item(spam=True, spam_reasons=["says the same 40 times"], duplicate_of="x", author=None, topic=2),
        {2: "sync"},
    )

    assert (row.spam, row.duplicate, row.author, row.topic, row.topic_colour) == (
        "says the same 40 times",
        True,
        "unnamed",
        "sync",
        2,
    )


def test_a_made_up_item_leads_nowhere_on_the_web() -> None:
    item = views.item(permalink="https://www.reddit.com/r/selfhosted/comments/1/")

    assert item_row(item, {}).permalink == "https://www.reddit.com/r/selfhosted/comments/1/"
    assert item_row(item, {}, sample=True).permalink == ""


def test_an_item_without_sentiment_is_not_called_neutral() -> None:
    row = item_row(views.item(sentiment=None, sentiment_label=None), {})

    assert (row.sentiment, row.sentiment_words) == ("", "not scored")


def test_a_job_says_how_far_it_is_and_why_it_waits() -> None:
    row = job_row(
        views.job(
            status="retrying", done=1204, total=2140, attempts=2, error="Reddit answers slowly.", worker="host.1|23|4"
        )
    )

    assert (row.progress, row.percent, row.attempts) == ("1,204 / 2,140", 56, "2 of 3")
    assert row.error == "Reddit answers slowly."
    assert row.worker == "host, process 23"
    assert row.waits_until
    assert row.token_source == "SAMPLE"


def test_a_job_that_runs_is_due_no_more() -> None:
    assert job_row(views.job()).waits_until == ""


def test_a_ledger_line_has_unit_price_and_price_list() -> None:
    entry = CostEntryView(
        step="synthesise",
        provider="openai",
        model="small",
        unit="input_token",
        quantity=8120,
        unit_price_micros_per_million=150_000,
        amount_micros=1218,
        price_list="2026-11",
    )

    row = cost_row(entry)

    assert row.provider == f"{labels()['openai']} · small"
    assert row.quantity == "8,120 input tokens"
    assert row.unit_price == "$0.15 per million input tokens"
    assert (row.amount, row.price_list) == ("$0.0012", "2026-11")
    assert cost_row(entry.model_copy(update={"unit_price_micros_per_million": 0})).unit_price == "free"


def _metadata(minutes: float) -> MetadataView:
    return MetadataView(
        created_at=views.MOMENT,
        started_at=views.MOMENT,
        finished_at=views.MOMENT + timedelta(minutes=minutes),
        versions={},
        manifest_sha256=None,
    )


def test_the_estimate_is_judged_when_all_is_done() -> None:
    view = views.analysis_view(
        "completed",
        results=ResultsView(items=5000),
        cost=views.cost(estimate=views.estimate()),
        metadata=_metadata(4),
    )

    rows = {row.measure: row for row in band_rows(view)}

    assert (rows["items"].actual, rows["items"].verdict) == ("5,000", "above the band")
    assert (rows["time"].actual, rows["time"].verdict) == ("4 min", "inside the band")
    assert (rows["money"].actual, rows["money"].verdict) == ("$0.0132", "inside the band")
    assert rows["requests"].actual == "not counted in the ledger"


def test_a_time_that_was_told_in_seconds_is_judged_by_them() -> None:
    estimate = views.estimate().model_copy(update={"seconds": (7, 21, 44)})
    view = views.analysis_view("completed", cost=views.cost(estimate=estimate), metadata=_metadata(0.75))

    time = next(row for row in band_rows(view) if row.measure == "time")

    assert (time.actual, time.verdict) == ("45 s", "above the band")


def test_the_estimate_is_not_judged_while_it_runs() -> None:
    view = views.analysis_view(results=ResultsView(items=50), cost=views.cost(estimate=views.estimate()))

    assert {row.verdict for row in band_rows(view)} == {""}


def test_without_an_estimate_there_is_nothing_to_compare() -> None:
    assert band_rows(views.analysis_view("completed")) == []


def test_a_chart_row_counts_by_sentiment_and_names_its_items() -> None:
    row = stack_row(Stack("22 November", 1000, 0, 2), day="2026-11-22")

    assert (row.only, row.total, row.counts) == ("day=2026-11-22", "1,002", ["1,000", "0", "2", "0"])
    assert len(row.counts) == len(SENTIMENTS)


def test_a_worker_without_a_known_form_keeps_its_name() -> None:
    assert analysis_tables.worker_words("worker-1") == "worker-1"


def test_what_an_item_does_is_shown_with_the_words_that_say_so() -> None:
    said = "Backup\n\nI wish it could\nsync, and I'd pay for it."
    found = views.item(
        said.partition("\n\n")[2],
        title="Backup",
        intents=["request", "willingness_to_pay"],
        intent_spans=[
            {"intent": "request", "start": said.index("I wish"), "end": said.index(", and")},
        ],
    )

    marks = item_row(found, {}).intents

    assert [(mark.name, mark.shown_by) for mark in marks] == [
        ("request", "“I wish it could sync”"),
        ("willingness to pay", ""),
    ]


def test_what_was_searched_for_is_set_off_and_the_text_stays_whole() -> None:
    text = "Sync <b>sync</b> a.b async"
    parts = parts_of(text, ["sync", "a.b"])

    assert "".join(part.text for part in parts) == text
    assert [part.text for part in parts if part.found] == ["Sync", "sync", "a.b", "sync"]
    assert parts_of(text, ["penguin"]) == [Part(text, found=False)]
    assert parts_of(text, []) == []


def test_a_word_that_stands_only_behind_the_fold_opens_the_item() -> None:
    text = "word " * 100 + "needle"

    assert item_row(views.item(text), {}, found=["needle"]).opened
    assert not item_row(views.item(text), {}, found=["word", "needle"]).opened
    assert not item_row(views.item(text), {}).opened
