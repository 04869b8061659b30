"""Use cases of orders. What fits in one unit takes the unit; the saga and the refunds, which do not, open their own."""
