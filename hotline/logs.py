"""What goes into the logs: one line an event, no telephone and identity numbers, no local variables."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

from hotline.language.identifiers import mask, masked


def _masked(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: masked(value) for key, value in event.items()}


class _Masking(logging.Formatter):
    """For the lines of libraries: what they quote may be a citizen's words."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))


def configure() -> None:
    """Send all logs of this process to stdout."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Masking("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # Every turn is one call to Rasa; its lines would drown the rest.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("jieba").setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _masked,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(),
        cache_logger_on_first_use=True,
    )
