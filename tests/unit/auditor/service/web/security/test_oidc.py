"""Tests pending logins at a provider: bound to their own browser, used once, and not evicted by other logins."""

import pytest

from auditor.service.web.security.oidc import PATIENCE, LoginFlows, LoginNotBegun


def test_take_after_thousands_of_others_is_still_there() -> None:
    flows = LoginFlows()
    state, held, flow = flows.begin("phiên")
    for _ in range(20_000):
        flows.begin()
    assert flows.take(state, held) == flow
    with pytest.raises(LoginNotBegun, match="used before"):
        flows.take(state, held)


def test_take_by_another_browser_or_service_is_refused() -> None:
    flows, others = LoginFlows(), LoginFlows()
    state, held, _ = flows.begin()
    _, foreign, _ = others.begin()
    for wrong in ("", "x", "é" * 50, held[:-8], foreign, flows.begin()[1]):
        with pytest.raises(LoginNotBegun):
            flows.take(state, wrong)
    assert flows.take(state, held).state == state


def test_take_too_late_is_refused() -> None:
    now = [0.0]
    flows = LoginFlows(lambda: now[0])
    state, held, _ = flows.begin()
    now[0] = PATIENCE + 1
    with pytest.raises(LoginNotBegun, match="too long"):
        flows.take(state, held)
