"""Structured logs: one JSON object a line on standard output, with the request and trace they belong to.

Fields passed by `extra=` become members. Values of fields that could identify a person or a card never get here:
callers log ids only, and `_FORBIDDEN` is the net below them.
"""

import logging
import sys
import traceback
from datetime import UTC, datetime

import msgspec

from services.chassis.telemetry.context import served

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
_FORBIDDEN = frozenset(
    {"email", "password", "token", "authorization", "cookie", "recipient", "address", "phone", "card", "iban"}
)


class JsonLines(logging.Formatter):
    """One record, one line."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; an exception is its type and frames, without values."""
        now = served.get()
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": now.request_id,
            "trace_id": now.traceparent[3:35],
        }
        line.update({key: value for key, value in vars(record).items() if _may_be_told(key)})
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["frames"] = traceback.format_tb(record.exc_info[2])[-8:]
        return msgspec.json.encode(line, enc_hook=str).decode()


def _may_be_told(key: str) -> bool:
    return key not in _STANDARD and key not in _FORBIDDEN


def start_logging(service: str, *, level: str) -> None:
    """Send everything to standard output as JSON lines, once per process."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(service))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in ("aiormq", "aiosqlite", "elastic_transport", "httpx", "uvicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
