"""The life of a request, from the open journal entry to the closed one."""
