"""Who is asking: signing keys, the tokens made with them, and how a service checks them."""
