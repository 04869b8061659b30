"""Carts, checkouts, orders, refunds and the sellers' ledger.

It owns what was bought, by whom, for how much, where its money is and how far it has got. It offers the cart, checkout
and order API, the seller's desk and balance, and the door for payment providers' webhooks. It announces everything that
happens to an order (`services.contracts.orders`). It listens to items for what is on sale, to users for who sells, and
to auth for whom to forget.
"""
