"""The OpenAI adapter against servers that keep their word: what goes out, what comes back, by which interface."""

from __future__ import annotations

import json
import logging

import pytest

from integrations import registry
from integrations.errors import Gone, RateLimited, Unreachable
from integrations.language_model import CACHED_INPUT_TOKEN, INPUT_TOKEN, OUTPUT_TOKEN
from tests.integrations.ai.world import KEY, PROMPT, SCHEMA, Watch, answered, chat, envelope
from tests.local_server import Reply


def sent(server, place: int = -1) -> dict:
    return json.loads(server.asked[place].body)


def test_an_answer_is_its_object_and_what_it_took(server) -> None:
    answer = answered(server.base)
    assert answer.value == {"names": ["Backups"]}
    assert answer.model == "gpt-made-up-2026"
    assert answer.usage == {INPUT_TOKEN: 300, CACHED_INPUT_TOKEN: 0, OUTPUT_TOKEN: 9}
    assert answer.reported
    assert 0 < answer.seconds < 5


def test_a_call_is_bounded_strict_and_kept_nowhere(server) -> None:
    answered(server.base, model="gpt-x")
    assert (server.asked[0].method, server.asked[0].path) == ("POST", "/v1/responses")
    assert sent(server) == {
        "model": "gpt-x",
        "instructions": PROMPT.instructions,
        "input": PROMPT.data,
        "text": {"format": {"type": "json_schema", "name": "topic_names", "schema": SCHEMA, "strict": True}},
        "max_output_tokens": 200,
        "store": False,
    }


def test_nothing_of_the_machine_or_its_environment_goes_out(server, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-somebody")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Spy: yes")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    answered(server.base)
    assert set(server.asked[0].headers) == {
        "host", "authorization", "accept", "content-type", "content-length", "user-agent", "accept-encoding",
    }  # fmt: skip
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert server.asked[0].headers["accept-encoding"] == "identity"


def test_a_server_without_a_key_gets_none(server, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    answered(server.base, api_key="")
    assert "authorization" not in server.asked[0].headers


def test_effort_is_named_only_where_it_is_set_or_known(server) -> None:
    config = registry.model("openai").Config
    assert config(model="gpt-5.6-luna").effort == "none"
    assert config(model="gpt-6-sol").effort == "none"
    assert [config(model=name).effort for name in ("gpt-4.1-mini", "gpt-5-mini", "gpt-5.5-pro")] == ["", "", ""]
    assert config(model="gpt-5.6-luna", base_url=server.base).effort == ""
    answered(server.base, reasoning="low")
    assert sent(server)["reasoning"] == {"effort": "low"}
    answered(server.base, reasoning="low", api="chat")
    assert sent(server)["reasoning_effort"] == "low"


def test_chat_is_spoken_where_it_is_set(server) -> None:
    answer = answered(server.base, api="chat", model="small-model")
    assert answer.value == {"names": ["Backups"]}
    assert answer.usage == {INPUT_TOKEN: 172, CACHED_INPUT_TOKEN: 128, OUTPUT_TOKEN: 9}
    assert sent(server) == {
        "model": "small-model",
        "messages": [
            {"role": "system", "content": PROMPT.instructions},
            {"role": "user", "content": PROMPT.data},
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "topic_names", "schema": SCHEMA, "strict": True},
        },
        "max_tokens": 200,
    }
    assert [asked.path for asked in server.asked] == ["/v1/chat/completions"]


@pytest.mark.parametrize("status", [404, 405])
def test_that_a_server_knows_chat_alone_is_learnt_once(server, status) -> None:
    server.faults = lambda asked: Reply.page(status=status) if asked.path.endswith("/responses") else None
    watch = Watch()
    assert answered(server.base, guard=watch, times=2).model == "small-model"
    assert [asked.path.rpartition("/v1/")[2] for asked in server.asked] == ["responses", *["chat/completions"] * 2]
    assert watch.notes == [("admit", "openai", "topic_names"), ("report", "openai", "topic_names", "well")] * 3


def test_a_set_interface_is_not_given_up(server) -> None:
    server.faults = lambda _: Reply.page(status=404)
    with pytest.raises(Gone, match=r"has no model 'gpt-5\.6-luna' at this address"):
        answered(server.base, api="responses")
    assert len(server.asked) == 1


def test_a_missing_model_is_not_a_missing_interface(server) -> None:
    error = {"error": {"message": "The model `x` does not exist", "code": "model_not_found"}}
    server.faults = lambda _: Reply.of(error, 404)
    with pytest.raises(Gone):
        answered(server.base)
    assert len(server.asked) == 1


def test_neither_interface_at_an_address_is_an_address_that_is_wrong(server) -> None:
    server.faults = lambda _: Reply.page(status=404)
    with pytest.raises(Gone, match="check both in the settings"):
        answered(server.base)
    assert len(server.asked) == 2


def test_the_newer_name_of_the_limit_is_learnt_once(server) -> None:
    message = (
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    )

    def newer(asked):
        old = "max_tokens" in json.loads(asked.body)
        return Reply.of({"error": {"message": message, "code": "unsupported_parameter"}}, 400) if old else None

    server.faults = newer
    assert answered(server.base, api="chat", times=2).value
    assert [json.loads(asked.body).get("max_completion_tokens") for asked in server.asked] == [None, 200, 200]


def test_content_in_parts_is_joined(server) -> None:
    parts = [{"type": "text", "text": '{"names": '}, {"type": "text", "text": '["x"]}'}]
    server.faults = lambda _: Reply.of(chat(parts))
    assert answered(server.base, api="chat").value == {"names": ["x"]}


def test_the_name_of_a_model_has_an_end(server) -> None:
    server.faults = lambda _: Reply.of(envelope(model="m" * 100_000))
    assert answered(server.base).model == "m" * 100
    server.faults = lambda _: Reply.of(envelope(model=7))
    assert answered(server.base, model="asked-for").model == "asked-for"


def test_the_guard_stands_before_each_call_and_hears_of_each(server) -> None:
    watch = Watch(RateLimited("Wait.", provider="openai", retry_after=5))
    with pytest.raises(RateLimited):
        answered(server.base, guard=watch)
    assert server.asked == []
    assert watch.notes == [("admit", "openai", "topic_names")]
    watch = Watch()
    server.faults = lambda _: Reply.of({}, 500)
    with pytest.raises(Unreachable):
        answered(server.base, guard=watch)
    assert watch.notes[-1] == ("report", "openai", "topic_names", "Unreachable")


def test_no_log_line_holds_the_key_or_what_was_asked(server, caplog, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_LOG", "debug")
    with caplog.at_level(logging.DEBUG):
        answered(server.base)
        server.faults = lambda _: Reply.of({"error": {"message": f"key {KEY}"}}, 401)
        with pytest.raises(Exception, match="does not accept the key"):
            answered(server.base)
    assert KEY not in caplog.text
    assert "backup never finishes" not in caplog.text


def test_a_model_says_who_it_is_and_never_its_key() -> None:
    kind = registry.model("openai")
    config = kind.Config(api_key=KEY)
    shown = f"{config!r} {kind(config)!r} {config.model_dump_json()}"
    assert KEY not in shown
    assert "gpt-5.6-luna" in shown


def test_it_is_used_only_inside_its_block(server) -> None:
    import asyncio

    kind = registry.model("openai")
    with pytest.raises(RuntimeError, match="async with"):
        asyncio.run(kind(kind.Config(base_url=server.base)).answer(PROMPT))


@pytest.mark.parametrize(
    "address", ["api.openai.com/v1", "ftp://host/v1", "https://user:pass@host/v1", "https://host/v1?key=1", "https://"]
)
def test_what_is_no_plain_address_is_refused_when_it_is_set(address) -> None:
    with pytest.raises(ValueError, match="address"):
        registry.model("openai").Config(base_url=address)
