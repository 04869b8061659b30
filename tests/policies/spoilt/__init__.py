"""For every policy, ways to break it."""
