"""The server: sockets on one side, the pipeline on the other. Only this folder uses aiohttp."""
