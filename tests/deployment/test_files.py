"""The files in deploy/ start what the program knows, with settings that it reads."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from app.cli.examination.settings_text import setting_names
from app.cli.main import build
from app.core import frontend
from app.core.jobs import QueueClass

PROJECT = Path(__file__).parents[2]
DEPLOY = PROJECT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"] == "asterism"}
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def parsed(arguments: list[str]) -> dict[str, Any]:
    """Return what the program understands of a command line, without running it; raises when it does not."""
    command: Any = typer.main.get_command(build())
    path, rest = ["asterism"], list(arguments)
    while hasattr(command, "commands"):
        path.append(rest.pop(0))
        command = command.commands[path[-1]]
    return {"command": " ".join(path), **command.make_context(path[-1], rest).params}


@pytest.mark.parametrize("name", OURS)
def test_every_service_runs_a_command_that_exists(name: str) -> None:
    assert parsed(OURS[name]["command"])["command"].startswith("asterism ")


def test_the_workers_of_the_compose_file_take_every_queue_and_none_twice() -> None:
    taken = [
        queue
        for service in OURS.values()
        if service["command"][0] == "worker"
        for queue in parsed(service["command"])["queues"].split(",")
    ]
    assert sorted(taken) == sorted(queue.value for queue in QueueClass)


def test_every_process_shares_one_database_one_broker_and_one_state() -> None:
    for service in OURS.values():
        environment = service["environment"]
        assert environment["ASTERISM_DATABASE_URL"].startswith("postgresql://")
        assert environment["ASTERISM_REDIS_URL"] != environment["ASTERISM_STATE_REDIS_URL"]
    assert {name for name in OURS if name.startswith("web")} == {"web-1", "web-2"}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_every_unit_runs_a_command_that_exists(path: Path) -> None:
    line = re.search(r"^ExecStart=(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert line is not None
    text = line[1].replace('"$(echo "%i" | tr - ,)"', "publish,billing,notify,upkeep").replace("%i", "8001")
    if text.startswith("/bin/sh -c "):
        text = shlex.split(text)[2].removeprefix("exec ")
    arguments = shlex.split(text)
    assert arguments[1:3] == ["-m", "app.cli"]
    assert parsed(arguments[3:])["command"].startswith("asterism ")


def test_the_units_examples_take_every_queue_and_none_twice() -> None:
    text = (DEPLOY / "systemd" / "asterism-worker@.service").read_text(encoding="utf-8")
    examples = re.findall(r"asterism-worker@([a-z-]+)", text.partition("[Unit]")[0])
    assert sorted("-".join(examples).split("-")) == sorted(queue.value for queue in QueueClass)


def test_every_setting_that_the_files_name_is_one_that_the_program_reads() -> None:
    known = set(setting_names())
    for path in sorted(DEPLOY.rglob("*")):
        if path.is_file():
            named = set(re.findall(r"ASTERISM_[A-Z_]+[A-Z]", path.read_text(encoding="utf-8")))
            assert named <= known, path.name


def test_an_image_holds_the_program_and_nothing_that_is_secret_or_only_for_us() -> None:
    lines = [
        line
        for line in (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    let_in = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert lines[0] == "*", "all is left out but for what is named"
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    assert {path.split("/")[0] for path in (*frontend.SOURCES, *frontend.PACKAGES)} <= let_in
    assert set(project["tool"]["importlinter"]["root_packages"]) <= let_in
    assert project["project"]["readme"] in let_in
    assert not let_in & {".git", ".asterism", ".env", "deploy", "tests"}
    assert all((PROJECT / name).exists() for name in let_in)
