"""Web pages; so far the health page."""
