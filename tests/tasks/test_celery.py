"""The settings that keep work from getting lost are in force, and a worker imports little."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.fixture
def app(data_folder):
    from app.core.settings import settings
    from tasks.celery import make_app

    settings.cache_clear()
    return make_app()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("task_acks_late", True),
        ("task_reject_on_worker_lost", False),
        ("task_ignore_result", True),
        ("task_publish_retry", False),
        ("accept_content", ["json"]),
        ("task_serializer", "json"),
        ("worker_prefetch_multiplier", 1),
        ("broker_connection_max_retries", None),
        ("worker_enable_remote_control", False),
        ("result_backend", None),
    ],
)
def test_a_setting_is_in_force(app, name: str, value: object):
    assert getattr(app.conf, name) == value


def test_the_transport_has_deadlines_and_leaves_lost_messages_to_the_sweep(app):
    options = app.conf.broker_transport_options
    assert options["socket_timeout"] == 5
    assert options["socket_connect_timeout"] == 3
    assert options["ack_emulation"] is False
    assert app.conf.task_time_limit > app.conf.task_soft_time_limit > 120


def test_it_knows_one_task_of_ours(app):
    assert [name for name in app.tasks if not name.startswith("celery.")] == ["asterism.run_job"]


def test_a_worker_imports_its_tasks_without_the_web_and_the_heavy_libraries(data_folder):
    heavy = ("reflex", "sklearn", "scipy", "vaderSentiment", "py3langid", "plotly", "fastapi")
    code = f"import sys, tasks.worker; print([name for name in {heavy!r} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=True)

    assert done.stdout.strip() == "[]"
