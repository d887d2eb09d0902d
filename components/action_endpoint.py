"""The way from Rasa to the action server: one connection pool, and patience while the server starts anew."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import aiohttp
from rasa.core.agent import Agent
from rasa.utils.endpoints import ClientResponseError, EndpointConfig, concat_url

logger = logging.getLogger(__name__)

#: The supervisor brings a killed action server back within a few seconds.
_PATIENCE_SECONDS = 20.0
_RETRY_PAUSE_SECONDS = 0.2
_REQUEST_SECONDS = 30.0


class PatientEndpoint(EndpointConfig):
    """An action endpoint that tries again when the connection fails or breaks.

    Rasa drops an action that could not be reached and goes on without it, and the citizen would get no answer.
    Every action may be repeated: what it changes in the service is tied to the message's or the form's id.
    """

    _pool: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any | None:
        """Call the action server; see ``EndpointConfig.request``.

        Raises:
            aiohttp.ClientConnectionError: it could not be reached in time.
            ClientResponseError: it answered with an error.
        """
        if self._pool is None:
            connector = aiohttp.TCPConnector(limit=64)
            timeout = aiohttp.ClientTimeout(total=_REQUEST_SECONDS)
            self._pool = aiohttp.ClientSession(connector=connector, timeout=timeout)
        kwargs.pop("timeout", None)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        told = False
        while True:
            try:
                url = concat_url(self.url, subpath)
                async with self._pool.request(method, url, compress=compress, **kwargs) as response:
                    if response.status >= 400:
                        raise ClientResponseError(
                            response.status, response.reason, await response.content.read()
                        )
                    return await response.json()
            except aiohttp.ClientConnectionError as error:
                if time.monotonic() > deadline:
                    raise
                if not told:
                    logger.warning("the action server does not answer (%s); trying again", error)
                    told = True
                await asyncio.sleep(_RETRY_PAUSE_SECONDS)


def install(agent: Agent) -> None:
    """Let the agent's actions be called through a :class:`PatientEndpoint`."""
    processor = agent.processor
    if processor is None or isinstance(processor.action_endpoint, PatientEndpoint):
        return
    if processor.action_endpoint is not None:
        processor.action_endpoint = PatientEndpoint(
            processor.action_endpoint.url, **processor.action_endpoint.kwargs
        )
