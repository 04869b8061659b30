"""What actions stand on that is neither a decision nor the database: hashing threads, keys, and chance."""
