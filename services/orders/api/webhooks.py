"""The door for payment providers: what they tell by themselves."""

from typing import Annotated

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter

from services.chassis.errors import Missing
from services.chassis.http.access import AnyRequest, for_anyone
from services.orders.actions import webhooks as actions
from services.orders.api.counter import NamedCounter
from services.orders.api.replies import reply_of
from services.orders.payments.port import WebhookMalformed, WebhookRefused

ProviderInPath = Annotated[str, PathParameter(max_length=20, description="Name of a payment provider")]


class ProviderUnknown(Missing):
    """Souk has no dealings with this provider."""

    code = "provider_unknown"
    title = "No such payment provider"


@post(
    "/api/v1/payments/webhooks/{provider:str}",
    status_code=204,
    opt=for_anyone(refuses=(ProviderUnknown, WebhookRefused, WebhookMalformed)),
)
async def hear(request: AnyRequest, provider: ProviderInPath, counter: NamedCounter) -> None:
    """News from a payment provider, proven by its signature over the raw body. What is not news is acknowledged too."""
    if provider != counter.provider.name:
        raise ProviderUnknown("there is no such payment provider here")
    headers = {name.lower(): value for name, value in request.headers.items()}
    event = counter.provider.parse_webhook(headers, await request.body())
    checkout_id = await actions.concerns(counter.database, event)
    if checkout_id is None:
        return
    async with counter.database.unit() as unit:
        await actions.hear(unit, provider, event, checkout_id, reply_of)


HANDLERS: tuple[HTTPRouteHandler, ...] = (hear,)
