"""All SQL of the provider: its books, its answers by key, and the webhooks it owes."""
