"""What may cross a wall: structs of every event and internal API, and nothing else.

A module here is named after the service that owns its structs. A field may be added with a default;
nothing may be removed, renamed or retyped. `tests/contracts` compares every struct with its golden schema.
"""
