"""The server around the stand-ins: health, control, request log, and each fault over a real socket."""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
import time
import zlib
from email.utils import parsedate_to_datetime
from http.client import IncompleteRead

import pytest

from integrations.sandbox.control import SECRET_HEADER, Control
from integrations.sandbox.faults import KINDS, Fault, FaultBook
from integrations.sandbox.server import SandboxServer, discover
from tests.integrations.sandbox.conftest import SECRET
from tests.integrations.sandbox.wire_client import WireClient

ABOUT = "/r/homelab/about"


def test_the_folder_is_scanned_for_remotes():
    assert "reddit" in discover()


def test_health_needs_no_secret_and_says_that_all_is_made_up(sandbox):
    with WireClient(sandbox.url) as client:
        health = client.call("GET", "/_health").json()
    assert health["status"] == "ok"
    assert health["sample"] is True
    assert "reddit" in health["remotes"]


def test_an_unknown_mount_says_what_there_is(sandbox):
    with WireClient(sandbox.url) as client:
        answer = client.call("GET", "/nothing/here")
    assert answer.status == 404
    assert "/reddit" in answer.json()["error"]


@pytest.mark.parametrize("given", [{}, {SECRET_HEADER: ""}, {SECRET_HEADER: "wrong"}, {SECRET_HEADER: SECRET + "x"}])
def test_control_is_closed_without_the_secret(sandbox, given):
    with WireClient(sandbox.url) as client:
        for method, path in (("GET", "requests"), ("DELETE", "requests"), ("POST", "faults"), ("POST", "latency")):
            assert client.call(method, f"/_control/{path}", "{}", given).status == 403
    assert sandbox.faults.listed() == []


def test_an_empty_secret_opens_nothing():
    with pytest.raises(ValueError, match="needs a secret"):
        SandboxServer(secret="", scale=0.02)


def test_control_refuses_a_fault_that_does_not_exist(sandbox):
    with WireClient(sandbox.url) as client:
        for wish in ('{"kind": "earthquake"}', '{"kind": "status", "colour": 1}', "[]", "no json"):
            assert client.call("POST", "/_control/faults", wish, {SECRET_HEADER: SECRET}).status == 400
    with pytest.raises(ValueError, match="not a regular expression"):
        Fault("slow", route="(")
    for fault in (
        ("lie", "openai", "flattery"),
        ("lie", "sentiment", "prose"),
        ("lie", "openai", ""),
        ("slow", "*", "prose"),
    ):
        with pytest.raises(ValueError, match="There is no lie"):
            Fault(fault[0], fault[1], lie=fault[2])


def test_the_log_has_each_request_and_no_credential(reddit, sandbox):
    sandbox.control.clear_requests()
    reddit.get(ABOUT, x="y")
    reddit.sign_in()
    about, token = sandbox.control.requests()
    assert (about["remote"], about["method"], about["path"], about["status"]) == ("reddit", "GET", ABOUT, 200)
    assert about["query"] == "raw_json=1&x=y"
    assert token["path"] == "/api/v1/access_token"
    assert reddit.headers["Authorization"].split()[1] not in json.dumps([about, token])
    sandbox.control.clear_requests()
    assert sandbox.control.requests() == []


def test_the_log_survives_a_restart_even_with_a_line_cut_short(tmp_path):
    path = tmp_path / "log" / "requests.jsonl"
    for expected in (1, 2):
        with SandboxServer(secret=SECRET, scale=0.02, log_path=path) as server, WireClient(server.url) as client:
            client.sign_in()
            assert len(server.control.requests()) == expected
        with path.open("a") as log:
            log.write('{"remote": "red')
            log.write("\n")


def test_a_status_fault_hits_as_often_as_told_and_then_is_spent(reddit, sandbox):
    sandbox.control.set_fault(Fault("status", status=502, count=2, skip=1))
    assert [reddit.get(ABOUT).status for _ in range(5)] == [200, 502, 502, 200, 200]
    assert sandbox.control.faults()[0]["hits"] == 2


def test_a_fault_hits_only_its_route_method_and_remote(reddit, sandbox):
    sandbox.control.set_fault(Fault("status", route="/about$", method="GET", remote="reddit", status=500))
    sandbox.control.set_fault(Fault("status", remote="somewhere-else", status=500))
    assert reddit.get(ABOUT).status == 500
    assert reddit.get("/r/homelab/new", limit=1).status == 200
    sandbox.control.clear()
    assert reddit.get(ABOUT).status == 200


def test_one_fault_can_be_lifted_and_the_others_stay(reddit, sandbox):
    first = sandbox.control.set_fault(Fault("status", status=500))
    sandbox.control.set_fault(Fault("status", status=502))
    sandbox.control.clear(first)
    assert reddit.get(ABOUT).status == 502


def test_chance_is_seeded():
    def hits(seed):
        book = FaultBook()
        book.set(Fault("slow", probability=0.3, seed=seed))
        return [book.hit("reddit", "GET", "/") is not None for _ in range(200)]

    assert hits(1) == hits(1) != hits(2)
    assert 30 < sum(hits(1)) < 90


def test_rate_limits_name_the_wait_in_every_way(reddit, sandbox):
    def told(retry_after):
        sandbox.control.clear()
        sandbox.control.set_fault(Fault("status", status=429, retry_after=retry_after, count=1))
        answer = reddit.get(ABOUT)
        assert answer.status == 429
        return answer.headers.get("retry-after")

    assert told("7") == "7"
    assert told("absent") is None
    assert told(None) is None
    assert int(told("absurd")) > 86_400 * 365
    assert abs(parsedate_to_datetime(told("date")).timestamp() - time.time() - 30) < 5


def test_latency_slows_each_call_until_cleared(reddit, sandbox):
    sandbox.control.set_latency(0.05)
    assert seconds(lambda: reddit.get(ABOUT)) >= 0.05
    sandbox.control.clear()
    assert sandbox.faults.latency("reddit") == 0


def seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def test_a_slow_answer_is_right_but_late(reddit, sandbox):
    sandbox.control.set_fault(Fault("slow", seconds=0.05, count=1))
    assert seconds(lambda: reddit.get(ABOUT)) >= 0.05
    assert reddit.get(ABOUT).json()["kind"] == "t5"


def test_a_dripping_body_is_whole_in_the_end(reddit, sandbox):
    sandbox.control.set_fault(Fault("drip", seconds=0.1, count=1))
    dripped = []
    assert seconds(lambda: dripped.append(reddit.get(ABOUT))) >= 0.1
    assert dripped[0].json() == reddit.get(ABOUT).json()


def test_a_reset_breaks_the_body_in_the_middle(reddit, sandbox):
    sandbox.control.set_fault(Fault("reset", count=1))
    with pytest.raises((ConnectionResetError, IncompleteRead)):
        reddit.get("/r/homelab/new", limit=100)
    assert sandbox.control.requests()[-1]["fault"] == "reset"


def test_an_expired_token_stays_expired_until_the_next_one(reddit, sandbox):
    sandbox.control.set_fault(Fault("expired_token", count=1, route=ABOUT))
    assert [reddit.get(ABOUT).status for _ in range(3)] == [401, 401, 401]
    reddit.sign_in()
    assert reddit.get(ABOUT).status == 200


def test_a_gzip_bomb_is_small_on_the_wire_and_huge_when_unpacked(reddit, sandbox):
    sandbox.control.set_fault(Fault("gzip_bomb", size=20_000_000, count=1))
    answer = reddit.get(ABOUT)
    assert answer.headers["content-encoding"] == "gzip"
    assert len(answer.body) < 100_000
    unpacker = zlib.decompressobj(31)
    assert len(unpacker.decompress(answer.body)) >= 20_000_000


def test_html_comes_in_place_of_json(reddit, sandbox):
    sandbox.control.set_fault(Fault("html", count=1))
    answer = reddit.get(ABOUT)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert b"<html>" in answer.body


@pytest.mark.parametrize("kind", ["truncated", "malformed"])
def test_broken_json_has_the_right_length_and_cannot_be_read(reddit, sandbox, kind):
    sandbox.control.set_fault(Fault(kind, count=1))
    answer = reddit.get(ABOUT)
    assert answer.status == 200
    assert int(answer.headers["content-length"]) == len(answer.body)
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|Invalid"):
        answer.json()


def test_a_wrong_shape_is_json_without_what_was_asked_for(reddit, sandbox):
    sandbox.control.set_fault(Fault("wrong_shape", count=1))
    assert "data" not in reddit.get(ABOUT).json()


def test_every_kind_of_fault_is_logged_by_name(reddit, sandbox):
    for kind in KINDS:
        sandbox.control.clear()
        lie = "prose" if kind == "lie" else ""
        sandbox.control.set_fault(Fault(kind, count=1, seconds=0.01, size=1_000_000, route=ABOUT, lie=lie))
        try:
            reddit.get(ABOUT)
        except (ConnectionResetError, IncompleteRead):
            reddit.close()
    logged = {entry["fault"] for entry in sandbox.control.requests()}
    assert logged >= set(KINDS)


def test_a_connection_is_kept_and_a_huge_body_refused(reddit, sandbox):
    assert reddit.get(ABOUT).headers["connection"] == "keep-alive"
    with WireClient(sandbox.url) as client:
        assert client.call("POST", "/reddit/api/v1/access_token", "x" * 1_100_000).status == 413


def test_a_taken_port_is_an_error_at_once(sandbox):
    with pytest.raises(OSError, match="in use"):
        SandboxServer(secret=SECRET, port=sandbox.port, scale=0.02)


def test_control_talks_to_a_server_by_its_address(sandbox):
    assert Control(sandbox.url, SECRET).faults() == []
    with pytest.raises(ValueError, match="secret"):
        Control(sandbox.url, "wrong").requests()


def test_serve_runs_until_told_to_end_and_keeps_its_log(tmp_path):
    log, port = tmp_path / "requests.jsonl", free_port()
    program = (
        "import pathlib, sys; from integrations.sandbox.server import serve; "
        "serve('127.0.0.1', int(sys.argv[1]), secret='s', scale=0.02, log_path=pathlib.Path(sys.argv[2]))"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(port), str(log)])
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(url)
        with WireClient(url) as client:
            client.sign_in()
        process.terminate()
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()
    assert json.loads(log.read_text())["path"] == "/api/v1/access_token"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url):
    end = time.monotonic() + 20
    while True:
        try:
            with WireClient(url) as client:
                client.call("GET", "/_health")
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            select.select([], [], [], 0.02)
        else:
            return


def test_the_server_imports_nothing_heavy_and_no_adapter():
    program = "import sys, integrations.sandbox.server; print('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "integrations.sandbox.server" in loaded
    heavy = (
        "numpy",
        "sklearn",
        "reflex",
        "httpx",
        "pydantic",
        "sqlmodel",
        "integrations.sources",
        "integrations.http",
        "integrations.http_answers",
        "integrations.paging",
        "app",
    )
    assert not loaded & set(heavy)
