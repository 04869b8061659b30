"""One module a layer, each standing on those before it: foundation, data, marketplace, front, monitoring."""
