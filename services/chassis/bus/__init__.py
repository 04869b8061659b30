"""Events between services: a port, RabbitMQ behind it in a cluster, a durable SQLite queue when embedded."""
