"""The Celery app of the workers. A message holds a job id; the handler is `tasks.base.run_job`."""

from __future__ import annotations

from celery import Celery

from app.core import jobs
from app.core.settings import settings
from tasks.base import run_job

HARD_LIMIT_SECONDS = 600
SOFT_LIMIT_SECONDS = 570


def make_app() -> Celery:
    """Return the app with its one task and the settings that only workers need, each with its reason."""
    app = jobs.client(settings())
    app.conf.update(
        task_acks_late=True,  # a message dies with its work, not before it
        task_reject_on_worker_lost=False,  # rejecting loops for ever on a job that kills its worker
        task_acks_on_failure=True,
        task_acks_on_timeout=True,
        task_time_limit=HARD_LIMIT_SECONDS,  # far above a turn's 120 s: only a stuck child meets it
        task_soft_time_limit=SOFT_LIMIT_SECONDS,
        worker_prefetch_multiplier=1,  # the default hoards four messages that other workers could run
        worker_max_tasks_per_child=200,
        worker_max_memory_per_child=256_000,  # kB; a child that has loaded the topic libraries makes room after its job
        worker_soft_shutdown_timeout=8,  # on a deploy the turn in hand may end
        worker_enable_soft_shutdown_on_idle=True,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # with fences a finished run may still commit
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )
    app.task(name=jobs.RUN_JOB, ignore_result=True)(run_job)
    return app


app = make_app()
