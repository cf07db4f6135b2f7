"""Which model is asked, at what price, and what it will cost."""

from __future__ import annotations

import pytest

from app.core.errors import InvalidInput
from app.core.settings import settings
from app.services import engines
from app.services.model_estimates import model_band
from integrations.language_model import CACHED_INPUT_TOKEN, INPUT_TOKEN, OUTPUT_TOKEN, Prompt


@pytest.fixture
def keyed(data_folder, monkeypatch: pytest.MonkeyPatch):
    """Set settings of OpenAI."""

    def put(**values: str) -> None:
        for name, value in {"API_KEY": "k", **values}.items():
            monkeypatch.setenv(f"ASTERISM_OPENAI_{name}", value)
        settings.cache_clear()

    return put


def per_million(engine):
    return [engine.prices[unit].micros_per_million for unit in (INPUT_TOKEN, CACHED_INPUT_TOKEN, OUTPUT_TOKEN)]


def test_a_dated_copy_of_a_model_costs_what_the_model_costs(keyed):
    keyed(MODEL="gpt-5-mini-2025-08-07")
    found = engines.model_engine()
    assert per_million(found) == [250_000, 25_000, 2_000_000]
    assert found.name == "gpt-5-mini-2025-08-07"


def test_the_list_is_for_its_own_address_only(keyed):
    keyed(MODEL="gpt-5-mini", BASE_URL="http://127.0.0.1:9/v1")
    with pytest.raises(InvalidInput, match="Nothing is known of the price of the model 'gpt-5-mini' at http://127"):
        engines.model_engine()
    keyed(INPUT_PRICE="0", OUTPUT_PRICE="0")
    assert per_million(engines.model_engine()) == [0, 0, 0]
    assert engines.for_request("auto", sample=False, cap_micros=0) is not None, "what is free needs no cap"


def test_a_wrong_price_is_named(keyed):
    keyed(INPUT_PRICE="cheap", OUTPUT_PRICE="1")
    with pytest.raises(InvalidInput, match="ASTERISM_OPENAI_INPUT_PRICE is wrong: 'cheap'"):
        engines.model_engine()


def test_auto_takes_the_sandbox_s_model_never_and_a_real_one_when_there_is_a_key(keyed, data_folder):
    assert engines.for_request("auto", sample=True, cap_micros=1) is None
    assert engines.why_no_model().endswith("choose the engine auto or local.")
    named = engines.for_request("model", sample=True, cap_micros=1)
    assert named is not None
    assert named.setup.sample
    assert named.name.endswith("(SAMPLE)")
    with pytest.raises(InvalidInput, match="set ASTERISM_OPENAI_API_KEY"):
        engines.for_request("model", sample=False, cap_micros=1)
    keyed(MODEL="gpt-5-mini")
    found = engines.for_request("auto", sample=True, cap_micros=1)
    assert found is not None
    assert not found.setup.sample
    assert engines.for_request("auto", sample=True, cap_micros=0) is None, "a cap of 0 allows only what is free"
    assert engines.for_request("local", sample=True, cap_micros=1) is None


def test_the_worst_case_covers_every_way_in_which_tokens_can_be_split(keyed):
    keyed(MODEL="gpt-5-mini")
    engine = engines.model_engine()
    prompt = Prompt("x", "Name.", '{"a":1}', {}, 33)
    worst = prompt.worst_case()
    for cached in range(worst[INPUT_TOKEN] + 1):
        parts = {
            INPUT_TOKEN: worst[INPUT_TOKEN] - cached,
            CACHED_INPUT_TOKEN: cached,
            OUTPUT_TOKEN: worst[OUTPUT_TOKEN],
        }
        assert sum(engine.cost(unit, count) for unit, count in parts.items()) <= engine.worst_micros(prompt)


def test_the_estimate_holds_what_was_measured(keyed):
    keyed(MODEL="gpt-5.6-luna")
    engine = engines.model_engine()
    for items, read, written in ((3_845, 16_143, 4_286), (7_221, 22_630, 6_122), (24_080, 24_557, 6_305)):
        (low, likely, high), lines = model_band((items, items, items), engine, rescore=False)
        assert low <= engine.micros(read, written) <= high
        assert low < likely < high
        assert any("topics, read in" in line for line in lines)
    assert model_band((0, 0, 0), engine, rescore=True)[0] == (0, 0, 0)
