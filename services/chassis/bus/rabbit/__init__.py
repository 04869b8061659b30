"""RabbitMQ as the bus: quorum queues, publisher confirms, retry queues and dead queues. 3.10 or newer."""

from services.chassis.bus.rabbit.bus import RabbitBus as RabbitBus
