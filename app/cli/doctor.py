"""`asterism doctor` looks at each part; `asterism env-example` lists each setting."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Hang both commands on the program."""
    app.command("doctor")(doctor)
    app.command("env-example")(env_example)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of lines.")] = False,
) -> None:
    """Check every setting and part: what is off, why, and what to do. Exit code 1 when something is broken."""
    import structlog  # noqa: PLC0415 - see app.cli

    from app.cli.examination.checks import State, examine  # noqa: PLC0415

    # What a part logs about its trouble is told below as a finding; the settings for logs may be broken themselves.
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger("critical"),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    findings = examine()
    healthy = all(finding.state is not State.BROKEN for finding in findings)
    if as_json:
        body = {"ok": healthy, "checks": [finding.as_json() for finding in findings]}
        sys.stdout.write(json.dumps(body, indent=2, ensure_ascii=False) + "\n")
    else:
        width = max(len(finding.name) for finding in findings)
        for finding in findings:
            sys.stdout.write(f"{finding.state:<6}  {finding.name:<{width}}  {finding.sentence()}\n")
    if not healthy:
        raise typer.Exit(1)


def env_example() -> None:
    """Print every setting with its default and what it means, as the text of a .env file."""
    from app.cli.examination.settings_text import env_text  # noqa: PLC0415 - see app.cli

    sys.stdout.write(env_text())
