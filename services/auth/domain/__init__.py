"""What auth decides, without a clock, a database or chance: all three come in as arguments."""
