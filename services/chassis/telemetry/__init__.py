"""What the operators see: metrics on a port of their own, JSON logs, traces by OTLP. Never personal or card data."""
