"""A payment provider to try Souk with. It stands for a company outside Souk.

It owns charges, refunds, disputes and the webhooks that tell of them; it offers authorise, capture, void, refund and a
look-up by idempotency key under `/sandbox/v1/`, to whoever holds its API key; it knows no Souk identity and listens to
no event.
It takes tokens, never cards, and goes wrong when told to: by the token, or by the rates at `/sandbox/v1/faults`.
"""
