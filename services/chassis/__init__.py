"""What every service stands on: it knows none of them."""
