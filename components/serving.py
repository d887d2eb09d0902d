"""Serves a model over the hub channel, and nothing else: Rasa's agent with our parts in its joints.

Rasa's own ``rasa run`` is for every case: it imports the training, the evaluation, twelve messengers and the HTTP API.
"""

from __future__ import annotations

import gc
import logging
import os
from asyncio import AbstractEventLoop
from pathlib import Path
from typing import Any

from rasa.core.actions.action import Action
from rasa.core.agent import Agent
from rasa.core.brokers.broker import EventBroker
from rasa.core.channels.channel import OutputChannel, register
from rasa.core.lock_store import LockStore
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.engine import loader
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata
from rasa.shared.core.constants import ACTION_VALIDATE_SLOT_MAPPINGS
from rasa.shared.core.events import ActionExecutionRejected, Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.common import TempDirectoryPath, get_temp_dir_name
from rasa.utils.log_utils import configure_structlog
from sanic import Sanic

from components import action_endpoint, remote_action
from components.graph_runner import DirectGraphRunner
from components.hub_channel import HubInput

logger = logging.getLogger(__name__)

#: Idle connections of the service stay open: it has one pool, and a new connection costs as much as a small answer.
_KEEP_ALIVE_SECONDS = 300


class Processor(MessageProcessor):
    """Rasa's processor, on our runner of the graph."""

    @staticmethod
    def _load_model(model_path: str | Path) -> tuple[str, ModelMetadata, GraphRunner]:
        with TempDirectoryPath(get_temp_dir_name()) as folder:
            metadata, runner = loader.load_predict_graph_runner(
                Path(folder), Path(model_path), LocalModelStorage, DirectGraphRunner
            )
        return os.path.basename(model_path), metadata, runner

    def __init__(self, **parts: Any) -> None:
        """See the base class."""
        super().__init__(**parts)
        #: Whether any slot is filled by Rasa itself; ours are all set by actions.
        self._extracts = ACTION_VALIDATE_SLOT_MAPPINGS in self.domain.user_actions or any(
            mapping.get("type") != "custom" or mapping.get("action")
            for slot in self.domain.slots
            for mapping in slot.mappings
        )

    async def run_action_extract_slots(
        self, output_channel: OutputChannel, tracker: DialogueStateTracker
    ) -> DialogueStateTracker:
        """Fill slots from the message, when there are any to fill so; see the base class."""
        if self._extracts:
            return await super().run_action_extract_slots(output_channel, tracker)
        return tracker

    @staticmethod
    def _log_slots(tracker: DialogueStateTracker) -> None:
        """Rasa writes all slots into a text at every action, for a log that nobody keeps."""

    def _log_action_on_tracker(
        self,
        tracker: DialogueStateTracker,
        action: Action,
        events: list[Event] | None,
        prediction: PolicyPrediction,
    ) -> None:
        """What the base class does, without a deep copy of all events for the log."""
        if not any(isinstance(event, ActionExecutionRejected) for event in events or ()):
            tracker.update_with_events(prediction.events, self.domain)
            tracker.update(action.event_for_successful_execution(prediction))
        tracker.update_with_events(events or [], self.domain)


class HotlineAgent(Agent):
    """Rasa's agent, on our processor."""

    def load_model(self, model_path: str | Path, fingerprint: str | None = None) -> None:
        """Load the model; see the base class."""
        self.processor = Processor(
            model_path=model_path,
            tracker_store=self.tracker_store,
            lock_store=self.lock_store,
            action_endpoint=self.action_endpoint,
            generator=self.nlg,
        )
        self.domain = self.processor.domain
        self._set_fingerprint(fingerprint)
        self.tracker_store.domain = self.domain
        if isinstance(self.nlg, TemplatedNaturalLanguageGenerator):
            self.nlg.responses = self.domain.responses
        action_endpoint.install(self)


async def load(
    model: Path, endpoints: AvailableEndpoints, loop: AbstractEventLoop | None = None
) -> HotlineAgent:
    """The agent with its model and its stores."""
    remote_action.install()
    broker = await EventBroker.create(endpoints.event_broker, loop=loop)
    agent = HotlineAgent(
        generator=endpoints.nlg,
        tracker_store=TrackerStore.create(endpoints.tracker_store, event_broker=broker),
        lock_store=LockStore.create(endpoints.lock_store),
        action_endpoint=endpoints.action,
    )
    agent.load_model(model)
    return agent


def serve(model: Path, endpoints_file: Path, *, host: str, port: int) -> None:
    """Serve until told to stop."""
    level = os.environ.get("LOG_LEVEL", "WARNING")
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)-8s %(name)s  %(message)s")
    configure_structlog(logging.getLevelName(level))
    endpoints = AvailableEndpoints.read_endpoints(str(endpoints_file))
    app = Sanic("hotline_rasa", configure_logging=False)
    app.config.KEEP_ALIVE_TIMEOUT = _KEEP_ALIVE_SECONDS
    register([HubInput.from_credentials(None)], app, route="/webhooks/")

    @app.before_server_start
    async def start(app: Sanic, loop: AbstractEventLoop) -> None:
        app.ctx.agent = await load(model, endpoints, loop)
        # Dictionaries and encoder load at the first message: no citizen should wait for them. None of it is garbage.
        await app.ctx.agent.parse_message("您好")
        gc.collect()
        gc.freeze()

    @app.after_server_stop
    async def stop(app: Sanic, loop: AbstractEventLoop) -> None:
        broker = app.ctx.agent.tracker_store.event_broker
        if broker:
            await broker.close()

    app.run(host=host, port=port, access_log=False)
