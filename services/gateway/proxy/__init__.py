"""The data plane: bytes in, bytes out. Everything a request meets between the client's socket and a service."""
