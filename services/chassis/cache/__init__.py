"""What may be forgotten: values with a life span, and counters for limits. Redis in a cluster, in process embedded."""
