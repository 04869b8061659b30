"""HTTP/1.1 to other processes: a pool of connections on httptools, and the same calls in process when embedded."""
