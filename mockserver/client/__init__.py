"""The client's side: a handle on a server, over the control API and nothing else."""
