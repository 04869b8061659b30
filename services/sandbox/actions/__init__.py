"""What the provider does: moves money in its books, lets time pass, and tells the shop."""
