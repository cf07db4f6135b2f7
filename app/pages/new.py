"""Ask: question, places, time, words, engine and cap at the left; what it will take at the right."""

from __future__ import annotations

import reflex as rx

from components import estimate, states
from components.chips import keyword_chip, source_line
from components.form import field, field_error
from components.frame import frame
from components.links import link
from state.frame import Frame
from state.new import New
from state.new_draft import KEYWORD_BOX, PASTE_BOX
from state.new_form import MAX_QUESTION, RANGES, THRESHOLDS

ROUTE = "/new"
TITLE = "New analysis · Asterism"
ON_LOAD = [Frame.load, New.load]
FORM = "ask"


def page() -> rx.Component:
    """Return the page."""
    return frame(
        rx.el.form(id=FORM, on_submit=New.start, no_validate=True),
        rx.cond(New.again != "", _again()),
        rx.el.div(
            rx.cond(
                New.form_key != "",
                # A new key makes new inputs, so that they take up the draft that the server holds.
                rx.el.div(
                    _question(),
                    _where(),
                    rx.el.div(_when(), _keywords(), class_name="ask-pair"),
                    rx.el.div(_engine(), _limits(), class_name="ask-pair"),
                    class_name="ask-form",
                    key=New.form_key,
                ),
                # Nothing to type into before the draft is there: it would be replaced, and the words lost.
                rx.el.div(states.skeleton(6, "Opening the form"), class_name="ask-form"),
            ),
            rx.el.aside(_takes(), _start(), class_name="ask-side", aria_label="What it will take"),
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
            form=FORM,
            default_value=New.question,
            on_change=New.set_question,
            placeholder="What do people want?",
            rows="2",
            size="2",
            max_length=MAX_QUESTION,
            aria_describedby="question-hint question-error",
        ),
        error=New.problems.get("question", ""),
        hint=rx.el.span(
            "A model is told the question, the local engine is not; keywords narrow what is collected.",
            id="question-hint",
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
        rx.el.label("Keywords ", _optional(), html_for=KEYWORD_BOX),
        box,
        rx.cond(
            New.keywords.length() > 0,
            rx.el.ul(rx.foreach(New.keywords, keyword_chip), class_name="chips", aria_label="Keywords"),
            rx.el.div("Only items with any of these words. Empty means all.", class_name="field-hint"),
        ),
        field_error(New.problems.get("keywords", ""), "keywords-error"),
        class_name="field",
    )


def _engine() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("Engine"),
        rx.el.div(
            _engine_choice("auto", "Auto", New.auto_meaning),
            _engine_choice("local", "Local, free", "Runs on this machine; the same input gives the same answer."),
            _engine_choice("model", "Model", New.model_meaning, disabled=New.model_off),
            class_name="engines",
        ),
        field_error(New.problems.get("engine", ""), "engine-error"),
        class_name="field",
    )


def _engine_choice(
    value: str, label: str, meaning: str | rx.Var[str], *, disabled: bool | rx.Var[bool] = False
) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="engine",
            checked=New.engine == value,
            on_change=New.set_engine(value).stop_propagation,
            disabled=disabled,
        ),
        rx.el.span(label),
        rx.el.span(meaning, class_name="small quiet"),
        class_name="engine",
        aria_disabled=rx.cond(disabled, "true", "false"),
    )


def _limits() -> rx.Component:
    return rx.el.div(
        field(
            "cap",
            "Cost cap",
            _amount("cap", New.cap, New.set_cap, "0.50", prefix="$"),
            error=New.problems.get("cap", ""),
            hint="It never costs more than this.",
        ),
        field(
            "threshold",
            "Tell me at",
            rx.select.root(
                rx.select.trigger(id="threshold", aria_describedby="threshold-error"),
                rx.select.content(
                    *[rx.select.item(f"{label} of the cap", value=value) for value, label in THRESHOLDS.items()],
                    position="popper",
                ),
                value=New.threshold,
                on_change=New.set_threshold,
                size="2",
            ),
            error=New.problems.get("threshold", ""),
        ),
        field(
            "max_items",
            rx.fragment("Most items ", _optional()),
            _amount("max_items", New.max_items, New.set_max_items, "no limit"),
            error=New.problems.get("max_items", ""),
        ),
        class_name="ask-limits",
    )


def _amount(
    name: str, value: rx.Var[str], on_change: rx.EventHandler, placeholder: str, prefix: str = ""
) -> rx.Component:
    return rx.input(
        *([rx.input.slot(prefix)] if prefix else []),
        id=name,
        name=name,
        form=FORM,
        default_value=value,
        on_change=on_change,
        placeholder=placeholder,
        size="2",
        auto_complete=False,
        aria_describedby=f"{name}-error",
        custom_attrs={"inputMode": "decimal"},
    )


def _optional() -> rx.Component:
    return rx.el.span("optional", class_name="small quiet optional")


def _takes() -> rx.Component:
    return rx.el.section(
        rx.el.h2("What it will take", class_name="section-title"),
        rx.cond(
            New.estimate_problem != "",
            states.error(New.estimate_problem, New.measure),
            rx.fragment(
                rx.cond(New.stale, states.partial(New.blocked)),
                rx.cond(
                    New.estimate.lines.length() > 0,
                    estimate.full(New.estimate, New.estimating, New.stale),
                    rx.cond(New.estimating, estimate.skeleton(), rx.cond(New.stale, rx.fragment(), estimate.empty())),
                ),
            ),
        ),
        class_name="panel panel-pad takes",
        aria_live="polite",
    )


def _start() -> rx.Component:
    return rx.el.div(
        rx.cond(New.start_problem != "", states.error(New.start_problem)),
        rx.button(
            "Start analysis",
            rx.el.span("↵", class_name="start-key mod hide-phone", aria_hidden="true"),
            type="submit",
            form=FORM,
            size="3",
            disabled=New.blocked != "",
            loading=New.starting,
            aria_describedby="start-reason",
            custom_attrs={"data-keys": "mod+enter"},
        ),
        rx.el.div(New.blocked, id="start-reason", class_name="field-hint", aria_live="polite"),
        class_name="start",
    )
