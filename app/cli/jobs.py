"""`asterism jobs` lists and steers the jobs of the local owner's workspace, and all of the installation by filter."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from app.core.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.services.access import Actor
    from app.services.contract import JobView
    from app.services.dead_letters import DeadLetterView
    from app.services.operations_bulk import BulkOutcome, Matching
    from app.services.steering import Steered

NOT_ALL_DONE = 3

Ids = Annotated[list[str], typer.Argument(metavar="ID…", help="Ids of jobs, from a list.")]
Move = Literal["pause", "resume", "cancel", "retry", "discard"]
Where = Literal["open", "waiting", "running", "stuck", "dead", "finished", "all"]
Sure = Annotated[bool, typer.Option("--yes", help="Do not ask first.")]


def register(app: typer.Typer) -> None:
    """Hang the group on the program."""
    group = typer.Typer(help="Jobs: look at them, hold them, try them again.", no_args_is_help=True)
    group.command("list")(list_jobs)
    group.command("dead")(dead)
    group.command("pause")(_steering("pause", "Hold jobs; what they have done stays."))
    group.command("resume")(_steering("resume", "Put held jobs back in line."))
    group.command("cancel")(_steering("cancel", "End jobs for good.", question="Cancelling cannot be undone."))
    group.command("retry")(retry)
    group.command("discard")(
        _steering(
            "discard",
            "Put away jobs that were given up.",
            question="It leaves the list of what was given up.",
        )
    )
    group.command("all")(matching)
    app.add_typer(group, name="jobs")


def list_jobs(analysis: Annotated[str, typer.Argument(metavar="ANALYSIS", help="Id of an analysis.")]) -> None:
    """List an analysis's jobs: id, state, attempts, what it does, last error."""

    async def read() -> list[JobView]:
        from app.core import edge  # noqa: PLC0415
        from app.services import jobs  # noqa: PLC0415 - see app.cli

        actor = await _owner()
        return await edge.read(jobs.rows, actor, analysis)

    for job in asyncio.run(read()):
        tried = f"{job.attempts} of {job.max_attempts}"
        sys.stdout.write(
            f"{job.id}  {job.status:<10}  {tried:<7}  {job.label}{f': {job.error}' if job.error else ''}\n"
        )


def dead(
    as_json: Annotated[bool, typer.Option("--json", help="With payload, one JSON object a line.")] = False,
) -> None:
    """List the jobs that were given up, newest first: id, when, attempts, what it did, why."""

    async def read() -> Sequence[DeadLetterView]:
        from app.core import edge  # noqa: PLC0415
        from app.services import dead_letters  # noqa: PLC0415

        actor = await _owner()
        return (await edge.read(dead_letters.rows, actor)).rows

    for letter in asyncio.run(read()):
        if as_json:
            sys.stdout.write(f"{letter.model_dump_json()}\n")
        else:
            tried = f"{letter.attempts} attempt{'' if letter.attempts == 1 else 's'}"
            sys.stdout.write(f"{letter.job_id}  {letter.at:%Y-%m-%d %H:%M}  {tried}  {letter.label}: {letter.reason}\n")


def retry(
    jobs: Ids,
    payload: Annotated[
        str | None, typer.Option(help="JSON: what the job shall do instead (one job only); see `dead --json`.")
    ] = None,
) -> None:
    """Try jobs again that were given up; an analysis that failed by one is brought back."""
    if payload is None:
        _report(_steer(jobs, "retry"))
        return
    if len(jobs) != 1:
        raise InvalidInput("A payload changes one job; name just that one.", field="payload")
    try:
        value = json.loads(payload)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise InvalidInput("The payload must be a JSON object.", field="payload")

    async def change() -> Steered:
        from app.core import edge  # noqa: PLC0415
        from app.services import steering  # noqa: PLC0415

        actor = await _owner()
        return await edge.write(steering.steer, actor, jobs[0], steering.Steer.RETRY, payload=value)

    _report([asyncio.run(change())])


def matching(
    move: Annotated[Move, typer.Argument(help="What to do.")],
    state: Annotated[Where, typer.Option(help="Only those that stand there.")],
    queue: Annotated[str | None, typer.Option(help="Only of this queue: collect, analyse, ai, …")] = None,
    yes: Sure = False,
) -> None:
    """Do one thing with all jobs of all workspaces that a filter matches; asks first, with their number."""

    async def count() -> tuple[Actor, Matching]:
        from app.core import edge  # noqa: PLC0415
        from app.services import operations_bulk, steering  # noqa: PLC0415

        actor = await _owner()
        wanted = steering.Steer(move)
        return actor, await edge.read(operations_bulk.matching, actor, move=wanted, state=state, queue=queue)

    async def act(actor: Actor, newest: str | None) -> BulkOutcome:
        from app.core import edge  # noqa: PLC0415
        from app.services import operations_bulk, steering  # noqa: PLC0415

        service, wanted = operations_bulk.steer_matching, steering.Steer(move)
        return await edge.with_database(service, actor, move=wanted, state=state, queue=queue, newest=newest)

    actor, found = asyncio.run(count())
    jobs = f"{found.count:,} job{'' if found.count == 1 else 's'}"
    if not found.count:
        sys.stdout.write(f"No job stands where it could {move}.\n")
        return
    if not yes:
        typer.confirm(f"{move.capitalize()} {jobs}?", abort=True)
    outcome = asyncio.run(act(actor, found.newest))
    sys.stdout.write(f"{outcome.done:,} of {jobs} done.")
    sys.stdout.write(f" {outcome.refused:,} refused: {outcome.why}" if outcome.refused else "")
    sys.stdout.write(f" {outcome.left:,} left; run it again.\n" if outcome.left else "\n")
    if outcome.refused or outcome.left:
        raise typer.Exit(NOT_ALL_DONE)


def _steering(move: str, words: str, *, question: str | None = None) -> Callable[..., None]:
    def plainly(jobs: Ids) -> None:
        _report(_steer(jobs, move))

    def asking(jobs: Ids, yes: Sure = False) -> None:
        if not yes:
            typer.confirm(f"{question} Go on with {len(jobs)} job{'' if len(jobs) == 1 else 's'}?", abort=True)
        _report(_steer(jobs, move))

    command = plainly if question is None else asking
    command.__doc__ = words
    return command


def _steer(jobs: Sequence[str], move: str) -> list[Steered]:
    async def run() -> list[Steered]:
        from app.core import edge  # noqa: PLC0415
        from app.services import steering  # noqa: PLC0415

        actor = await _owner()
        return await edge.write(steering.steer_many, actor, jobs, steering.Steer(move))

    return asyncio.run(run())


def _report(outcomes: Sequence[Steered]) -> None:
    for outcome in outcomes:
        said = outcome.why or outcome.status
        sys.stdout.write(f"{outcome.job_id}  {'done' if outcome.done else 'not done'}  {said}\n")
    if not all(outcome.done for outcome in outcomes):
        raise typer.Exit(NOT_ALL_DONE)


async def _owner() -> Actor:
    from app.cli.asking.here import local_owner  # noqa: PLC0415
    from app.core import logging  # noqa: PLC0415

    logging.configure_beside_words()

    return await local_owner()
