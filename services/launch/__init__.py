"""Where services are put together and run: one of them, or all in one process."""
