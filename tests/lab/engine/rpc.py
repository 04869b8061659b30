"""Serves one of the engine's gRPC services out of a table of methods, the way it expects of a plugin it has started.

A method that is not in the table answers UNIMPLEMENTED, which the engine takes for "not supported".
"""

import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn, Protocol, TypeAlias, TypeVar

import grpc
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.message import Message
from pulumi.runtime.proto.status_pb2 import Status

from tests.lab.engine.refusal import Refused

_Question = TypeVar("_Question", bound=Message)
_Answer = TypeVar("_Answer", bound=Message)

# Awaiting resources hold a thread each, and the engine asks for as many at once as a stack has.
_THREADS = 128
_MOST_BYTES = 400 << 20
_OPTIONS = [("grpc.max_receive_message_length", _MOST_BYTES), ("grpc.max_send_message_length", _MOST_BYTES)]


class Call(Protocol):
    """Of a gRPC context, what a method here may use."""

    def add_callback(self, callback: Callable[[], None]) -> object:
        """Called when the call ends; the engine ends it to cancel."""

    def is_active(self) -> bool:
        """Whether the engine still waits."""


Handler: TypeAlias = "grpc.RpcMethodHandler[Message, Message]"


def answers(question: type[_Question], method: Callable[[_Question, Call], _Answer]) -> Handler:
    """A method that answers once; what it raises as `Refused` becomes an error with its detail."""

    def ask(asked: _Question, context: grpc.ServicerContext) -> _Answer:
        try:
            return method(asked, context)
        except Refused as refusal:
            _refuse(refusal, context)

    return grpc.unary_unary_rpc_method_handler(ask, question.FromString, _bytes)


def streams(question: type[_Question], method: Callable[[_Question, Call], Iterator[Message]]) -> Handler:
    """A method that answers many times."""
    return grpc.unary_stream_rpc_method_handler(method, question.FromString, _bytes)


def serve(service: str, methods: dict[str, Handler]) -> None:
    """Print the port on standard output, as the engine expects, and serve until interrupted."""
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=_OPTIONS)
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(service, methods)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # The engine asks a plugin to end by SIGINT, and waits ten seconds for one that ignores it.
    signal.signal(signal.SIGINT, lambda *_: server.stop(0))
    server.wait_for_termination()


def _bytes(message: Message) -> bytes:
    return message.SerializeToString()


def _refuse(refusal: Refused, context: grpc.ServicerContext) -> NoReturn:
    status = Status(code=grpc.StatusCode.UNKNOWN.value[0], message=refusal.reason)
    if refusal.detail is not None:
        packed = Packed()
        packed.Pack(refusal.detail)
        status.details.append(packed)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, refusal.reason)
