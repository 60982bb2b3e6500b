"""Published documents over HTTP, and the processes that serve them."""
