"""What orders decides: carts and their quotes, the checkout saga, orders and their fulfilment, money given back."""
