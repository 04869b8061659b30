"""What users decides, without a clock, a database or chance."""
