"""What the gateway does besides carrying: item pages, the merged document, overrides, usage."""
