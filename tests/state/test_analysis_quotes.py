from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.contract import MetricView
from state import analysis_quotes
from state.analysis_quotes import MAX_SIDE, card, evidence_row, split
from tests.state import views

TEXT = "I tried all. I'd pay for sync. Really."


def test_a_quote_is_marked_inside_the_whole_of_its_item() -> None:
    evidence = views.evidence("I'd pay for sync.", TEXT)

    assert split(TEXT, evidence) == ("I tried all. ", "I'd pay for sync.", " Really.")


@given(before=st.text(max_size=30), quote=st.text(min_size=1, max_size=30), after=st.text(max_size=30))
def test_the_three_pieces_are_the_text(before: str, quote: str, after: str) -> None:
    text = before + quote + after

    assert "".join(split(text, views.evidence(quote, text))) == text


def test_a_quote_that_moved_is_found_again() -> None:
    evidence = views.evidence("sync", TEXT, start=0, end=4)

    assert split(TEXT, evidence) == ("I tried all. I'd pay for ", "sync", ". Really.")


def test_words_that_are_not_the_quote_are_never_marked() -> None:
    evidence = views.evidence("sync", TEXT)

    assert split("Something else now stands here, long enough.", evidence) == ("", "sync", "")


def test_markup_in_an_item_stays_text() -> None:
    text = "<script>alert(1)</script> I'd pay."

    row = evidence_row(views.evidence("I'd pay.", text), views.item(text))

    assert (row.before, row.quote) == ("<script>alert(1)</script> ", "I'd pay.")


def test_a_very_long_item_is_cut_and_says_so() -> None:
    text = "a" * (MAX_SIDE + 1) + "QUOTE" + "b" * 10

    row = evidence_row(views.evidence("QUOTE", text), views.item(text))

    assert (len(row.before), row.after, row.cut) == (MAX_SIDE, "b" * 10, True)


def test_the_quote_of_an_erased_item_stands_alone() -> None:
    row = evidence_row(views.evidence("sync", TEXT), None)

    assert (row.before, row.quote, row.after, row.cut) == ("", "sync", "", False)


def test_a_permalink_that_is_no_web_address_is_not_shown() -> None:
    row = evidence_row(views.evidence("sync", TEXT, permalink="javascript:alert(1)"), views.item(TEXT))

    assert row.permalink == ""


def test_metrics_come_heaviest_first() -> None:
    metrics = {
        "urgency": MetricView(value=0.6, weight=0.2, evidence=["a"]),
        "willingness_to_pay": MetricView(value=0.4, weight=0.3, evidence=["a", "b"]),
    }

    found = analysis_quotes.bars(metrics)

    assert [(bar.name, bar.percent) for bar in found] == [("willingness to pay", 40), ("urgency", 60)]
    assert found[0].note == "40 of 100, counts for 30 %, from 2 items"


def test_where_less_is_better_the_note_says_so() -> None:
    (bar,) = analysis_quotes.bars({"switching_barriers": MetricView(value=0.2, weight=0.06, evidence=["a", "b"])})

    assert bar.name == "switching barriers (less is better)"
    assert bar.note == "20 of 100, counts for 6 %, from 2 items"


def test_a_card_counts_in_words_and_leads_to_its_items() -> None:
    evidence = [views.evidence("sync", TEXT), views.evidence("pay", TEXT)]
    against = [views.evidence("Really", TEXT, item_id="item-2")]

    shown = card(views.opportunity(evidence=evidence, against=against), views.ANALYSIS, {"sync": 3}, rules="3")

    assert (shown.item_words, shown.authors, shown.threads) == ("41 items", "29 people", "1 thread")
    assert shown.kind == "willingness to pay"
    assert shown.quote.words == "sync"
    assert shown.more == "40 more items"
    assert (shown.evidence, shown.against) == ("Evidence (2)", "Against (1)")
    assert shown.items_href.endswith("opportunity=opportunity-1")
    assert shown.topic_href.endswith("topic=3")


def test_a_card_without_evidence_quotes_nobody() -> None:
    shown = card(views.opportunity(topic=None), views.ANALYSIS, {}, rules="3")

    assert (shown.quote.words, shown.more, shown.against, shown.topic_href) == ("", "", "", "")


def test_a_finding_of_nobody_knows_whom_says_so() -> None:
    finding = views.opportunity().model_copy(update={"authors": 8, "unnamed": 8, "items": 8})
    assert card(finding, views.ANALYSIS, {}, rules="3").authors == "people not named"
    (caution,) = analysis_quotes.few(finding, rules="3")
    assert "Who spoke is not known: 8 items by people not named" in caution


@pytest.mark.parametrize(("authors", "marked"), [(9, True), (29, True), (30, False), (500, False)])
def test_a_score_of_few_people_is_marked(authors: int, marked: bool) -> None:
    finding = views.opportunity().model_copy(update={"authors": authors, "items": 500})
    assert (
        any(caution.startswith("Few voices: 500 items by") for caution in analysis_quotes.few(finding, rules="3"))
        is marked
    )


def test_cautions_are_said_in_words() -> None:
    assert analysis_quotes.cautions([{"name": "single_author", "why": "one person wrote half of it"}, {}]) == [
        "single author: one person wrote half of it"
    ]


@pytest.mark.parametrize(("rules", "sure"), [("1", False), ("2", False), ("3", True), ("older", False)])
def test_a_range_made_by_older_rules_is_not_said_to_hold_what_others_say(rules: str, sure: bool) -> None:
    shown = card(views.opportunity(authors=3), views.ANALYSIS, {}, rules=rules)
    assert shown.interval_note.startswith("90 % sure: ") is sure
    assert any(caution.endswith("as far as its range says.") for caution in shown.cautions) is sure
