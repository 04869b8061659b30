"""A second, small project: what the stacks of a cluster share. It comes first: it brings the kinds they declare."""
