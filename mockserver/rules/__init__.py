"""From fixture documents to what the server does: checked, compiled, decided, performed."""
