"""What an error tells of the money: only a certain refusal cost nothing."""

from __future__ import annotations

import pytest

from integrations.errors import NeedsReauth, NotConnected, ProviderError, RateLimited, Rejected, Unreachable


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 413, 422, 425, 429, 451])
@pytest.mark.parametrize("kind", [Rejected, Unreachable, NeedsReauth])
def test_a_refusal_cost_nothing(kind: type[ProviderError], status: int) -> None:
    assert kind("No.", provider="openai", status=status).refused


@pytest.mark.parametrize("status", [200, 202, 302, 408, 499, 500, 501, 502, 503, 504, 520, 529])
@pytest.mark.parametrize("kind", [Rejected, Unreachable, NeedsReauth, NotConnected])
def test_any_other_answer_may_have_been_worked_for(kind: type[ProviderError], status: int) -> None:
    assert not kind("It failed.", provider="openai", status=status).refused


@pytest.mark.parametrize(("status", "refused"), [(429, True), (None, True), (200, False), (500, False), (503, False)])
def test_to_be_told_to_wait_is_a_refusal_only_before_the_work(status: int | None, refused: bool) -> None:
    assert RateLimited("Wait.", provider="openai", retry_after=1, status=status).refused is refused


def test_without_an_answer_only_what_was_never_sent_is_certain() -> None:
    assert NotConnected("Nobody there.", provider="openai").refused
    assert NeedsReauth("There is no key.", provider="openai").refused
    assert not Unreachable("Silence.", provider="openai").refused
    assert not Rejected("No.", provider="openai").refused
