"""Ask: question, places, time, words, engine and cap at the left; what it will take at the right."""

from __future__ import annotations

import reflex as rx

from components import new_start as start
from components import new_terms as terms
from components import states
from components.chips import keyword_chip, source_line
from components.form import field, field_error
from components.frame import frame
from components.links import link
from state.frame import Frame
from state.new import New
from state.new_draft import KEYWORD_BOX, PASTE_BOX
from state.new_form import MAX_QUESTION, RANGES

ROUTE = "/new"
TITLE = "New analysis · Asterism"
ON_LOAD = [Frame.load, New.load]


def page() -> rx.Component:
    """Return the page."""
    return frame(
        rx.el.form(id=start.FORM, on_submit=New.start, no_validate=True),
        rx.cond(New.again != "", _again()),
        rx.el.div(
            rx.cond(
                New.form_key != "",
                # A new key makes new inputs, so that they take up the draft that the server holds.
                rx.el.div(
                    _question(),
                    _where(),
                    rx.el.div(_when(), _keywords(), class_name="ask-pair"),
                    rx.el.div(terms.engine(), terms.limits(), class_name="ask-pair"),
                    class_name="ask-form",
                    key=New.form_key,
                ),
                # Nothing to type into before the draft is there: it would be replaced, and the words lost.
                rx.el.div(states.skeleton(6, "Opening the form"), class_name="ask-form"),
            ),
            rx.el.aside(start.takes(), start.button(), class_name="ask-side", aria_label="What it will take"),
            class_name="ask",
        ),
        title="New analysis",
        here="new",
    )


def _again() -> rx.Component:
    return rx.el.section(
        rx.el.p(
            "You ask ",
            rx.link("an earlier analysis", href="/analyses/" + New.again, underline="always"),
            " again: change what you like. Topics keep their names, numbers and colours, and when it is done you see "
            "what changed.",
        ),
        rx.foreach(New.again_notes, lambda note: rx.el.p(note, class_name="quiet small")),
        class_name="panel panel-pad",
        style={"margin_bottom": "16px"},
    )


def _question() -> rx.Component:
    return field(
        "question",
        "What do you want to know?",
        rx.text_area(
            id="question",
            name="question",
            form=start.FORM,
            default_value=New.question,
            on_change=New.set_question,
            placeholder="What do people want?",
            rows="2",
            size="2",
            max_length=MAX_QUESTION,
            aria_describedby="question-hint question-error",
        ),
        error=New.problems.get("question", ""),
        hint=rx.el.div(
            rx.cond(
                New.question_unread,
                rx.el.span(
                    rx.icon("circle-alert", size=14, aria_hidden="true"),
                    "The local engine does not use this: add keywords to narrow what is collected, or ask the items "
                    "afterwards.",
                    class_name="hint-mark wait",
                ),
                "The model is told this; keywords narrow what is collected.",
            ),
            id="question-hint",
            aria_live="polite",
        ),
    )


def _where() -> rx.Component:
    box = rx.el.form(
        rx.text_area(
            id=PASTE_BOX,
            name=PASTE_BOX,
            on_change=New.typed_paste,
            on_blur=New.leave_paste,
            placeholder="r/selfhosted, or a link",
            rows="1",
            size="2",
            enter_key_submit=True,
            class_name="grows",
            spell_check=False,
            aria_describedby="sources-error sources-hint",
            custom_attrs={"data-keys": "/"},
        ),
        rx.button("Add", type="submit", variant="soft", color_scheme="gray", size="2"),
        on_submit=New.paste,
        reset_on_submit=True,
        class_name="field-row top",
    )
    return rx.el.div(
        rx.el.label("Where?", html_for=PASTE_BOX),
        box,
        rx.el.div(
            "Paste links or names; Enter adds them, several lines at once are fine. Or ",
            rx.link(link("bring a file", to="/imports"), as_child=True, underline="always"),
            ". A file is real: SAMPLE places cannot be asked together with it.",
            id="sources-hint",
            class_name="field-hint",
        ),
        rx.cond(
            New.chips.length() > 0,
            rx.el.ul(rx.foreach(New.chips, source_line), class_name="sources", aria_label="Places"),
        ),
        field_error(New.problems.get("sources", ""), "sources-error"),
        class_name="field",
    )


def _when() -> rx.Component:
    return field(
        "when",
        "When?",
        rx.select.root(
            rx.select.trigger(id="when", aria_describedby="when-error"),
            rx.select.content(
                rx.foreach(New.again_ranges, lambda each: rx.select.item(each.label, value=each.value)),
                *[rx.select.item(label, value=value) for value, (label, _) in RANGES.items()],
                position="popper",
            ),
            value=New.when,
            on_change=New.set_when,
            size="2",
        ),
        error=New.problems.get("when", ""),
        hint="Begins at the last 30 days, with a file at all time; the command line and the API begin at all time.",
    )


def _keywords() -> rx.Component:
    box = rx.el.form(
        rx.input(
            id=KEYWORD_BOX,
            name=KEYWORD_BOX,
            on_blur=New.leave_keywords,
            placeholder="sync, backup",
            size="2",
            auto_complete=False,
            aria_describedby="keywords-error",
        ),
        rx.button("Add", type="submit", variant="soft", color_scheme="gray", size="2"),
        on_submit=New.add_keywords,
        reset_on_submit=True,
        class_name="field-row",
    )
    return rx.el.div(
        rx.el.label("Keywords ", terms.optional(), html_for=KEYWORD_BOX),
        box,
        rx.cond(
            New.keywords.length() > 0,
            rx.el.ul(rx.foreach(New.keywords, keyword_chip), class_name="chips", aria_label="Keywords"),
            rx.el.div("Only items with any of these words. Empty means all.", class_name="field-hint"),
        ),
        field_error(New.problems.get("keywords", ""), "keywords-error"),
        class_name="field",
    )
