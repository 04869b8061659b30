"""What users does, one use case a function."""
