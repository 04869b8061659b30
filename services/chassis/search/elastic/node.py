"""A node of the search engine, reached over the pool that carries every other call of a service.

It speaks plain HTTP. An engine behind TLS is reached by the transport's own means, which are slower and larger.
"""

import time

from elastic_transport import (
    ApiResponseMeta,
    BaseAsyncNode,
    ConnectionTimeout,
    HttpHeaders,
    NodeConfig,
)
from elastic_transport import ConnectionError as ConnectionFailed
from elastic_transport._node import NodeApiResponse
from elastic_transport.client_utils import DEFAULT, DefaultType

from services.chassis.wire.origin import Origin
from services.chassis.wire.pool import PoolLimits
from services.chassis.wire.port import Call, Reply, UpstreamError
from services.chassis.wire.upstream import TcpUpstream

CONNECTIONS = 32
_TIMEOUT_S = 10.0
"""For a call that names none."""


class WireNode(BaseAsyncNode):
    """What the transport asks for an answer. That its methods are asynchronous where those of every node are not is
    the transport's own way.
    """

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        origin = Origin(host=config.host, port=config.port)
        self._upstream = TcpUpstream(origin, PoolLimits(connections=CONNECTIONS))
        self._own = _encoded(self.headers)

    async def perform_request(  # type: ignore[override]
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: DefaultType | float | None = DEFAULT,
    ) -> NodeApiResponse:
        """Raises `ConnectionTimeout`, its `ConnectionError`."""
        fields = [*self._own, *_encoded(headers or HttpHeaders())]
        call = Call(method=method, target=self.path_prefix + target, headers=fields, body=body or b"")
        timeout_s = request_timeout if isinstance(request_timeout, float) else _TIMEOUT_S
        begun = time.monotonic()
        try:
            reply = await self._upstream.call(call, timeout_s=timeout_s)
        except UpstreamError as failed:
            kind = ConnectionTimeout if failed.timed_out else ConnectionFailed
            raise kind(str(failed), errors=(failed,)) from failed
        return NodeApiResponse(self._meta(reply, time.monotonic() - begun), reply.body)

    async def close(self) -> None:  # type: ignore[override]
        """Close the pool."""
        await self._upstream.close()

    def _meta(self, reply: Reply, duration_s: float) -> ApiResponseMeta:
        headers = HttpHeaders({name.decode("latin-1"): value.decode("latin-1") for name, value in reply.headers})
        return ApiResponseMeta(
            status=reply.status, http_version="1.1", headers=headers, duration=duration_s, node=self.config
        )


def _encoded(headers: HttpHeaders) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
