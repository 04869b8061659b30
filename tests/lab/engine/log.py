"""Tells the engine what a plugin is doing, for the line of a resource in its display."""

import grpc
from pulumi.runtime.proto.engine_pb2 import LogRequest, LogSeverity
from pulumi.runtime.proto.engine_pb2_grpc import EngineStub


class EngineLog:
    """Of one engine; what cannot be told is not worth failing for, so an engine that is gone is ignored."""

    def __init__(self, address: str) -> None:
        self._engine = EngineStub(grpc.insecure_channel(address)) if address else None

    def say(self, urn: str, message: str) -> None:
        """Shown while the resource is being worked on, then gone."""
        self._log(LogRequest(severity=LogSeverity.INFO, urn=urn, message=message, ephemeral=True))

    def warn(self, urn: str, message: str) -> None:
        """Shown, and kept in the summary of the update."""
        self._log(LogRequest(severity=LogSeverity.WARNING, urn=urn, message=message))

    def _log(self, request: LogRequest) -> None:
        if self._engine is not None:
            self._engine.Log.future(request)
