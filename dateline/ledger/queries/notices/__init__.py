"""What is sent to others: notices to hubs and caches, and what the hub owes subscribers."""
