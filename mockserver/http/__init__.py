"""HTTP as values: requests, responses, connections, JSON, credentials."""
