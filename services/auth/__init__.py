"""Who is who.

It owns accounts, credentials, sessions, API keys and the audit log; it offers `/api/v1/auth`, the gateway's look-ups
under `/internal/v1` and the public keys of its access tokens; it announces users registered, verified and erased, and
sessions and API keys revoked; it listens to sellers approved and suspended, whose owners have the seller role.
"""
