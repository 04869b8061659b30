"""The program of an environment: reads the stack's configuration and composes infra, layer by layer."""
