from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import EventVerbosity
from rasa.utils.endpoints import EndpointConfig

from components.remote_action import SENT_EVENTS, BoundedRemoteAction, install
from components.session import session_of
from tests.rasa.conversation import questions, start

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(ROOT / "domain.yml"))


@pytest.fixture(scope="module")
def action() -> BoundedRemoteAction:
    endpoint = EndpointConfig("http://127.0.0.1:1/webhook", enable_selective_domain=True)
    return BoundedRemoteAction("action_answer_matter", endpoint)


def test_an_action_gets_the_state_and_the_newest_events(domain: Domain, action: BoundedRemoteAction) -> None:
    session = session_of("s", start() + questions(1, 11), domain)
    call = action._action_call_format(session, domain)
    state = session.current_state(EventVerbosity.ALL)
    assert len(state["events"]) > SENT_EVENTS
    assert call["tracker"] == state | {"events": state["events"][-SENT_EVENTS:]}
    assert call["next_action"] == "action_answer_matter"
    assert "domain" not in call


def test_what_the_actions_may_answer_is_what_rasa_lets_them(action: BoundedRemoteAction) -> None:
    good = {
        "events": [
            {"event": "slot", "name": "matter", "value": None, "timestamp": None},
            {"event": "followup", "name": "action_listen"},
        ],
        "responses": [{"text": "好"}],
    }
    assert action._validate_action_result(good)
    assert action._validate_action_result({})
    for bad in (
        {"events": [{"event": "slot", "name": 1, "value": 2}]},
        {"events": [{"event": "slot", "name": "matter"}]},
        {"events": [{"event": "no such event"}]},
        {"events": [{"name": "matter"}]},
        {"events": "slot"},
        {"responses": ["好"]},
    ):
        with pytest.raises(jsonschema.ValidationError):
            action._validate_action_result(bad)


def test_rasa_makes_its_remote_actions_of_this_class(domain: Domain) -> None:
    import rasa.core.actions.action as actions

    before = actions.RemoteAction
    try:
        install()
        made = actions.action_for_name_or_text("action_answer_matter", domain, None)
        assert isinstance(made, BoundedRemoteAction)
    finally:
        import rasa.core.actions.forms as forms

        actions.RemoteAction = forms.RemoteAction = before  # type: ignore[misc]
