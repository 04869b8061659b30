"""What auth does, one use case a function. Those that may refuse and must remember it return the refusal."""
