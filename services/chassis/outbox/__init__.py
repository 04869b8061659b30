"""Events that commit with the change they tell of, handled once by each consumer, and replies that can be replayed."""
