"""Vector stores: their files, batches of files, and the search in them."""
