"""The client side: a handle on a server that uses only the control API."""
