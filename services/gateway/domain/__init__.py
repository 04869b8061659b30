"""What the gateway decides, without sockets, files or clocks: time is always an argument, in seconds."""
