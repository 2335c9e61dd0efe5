"""Who composes: the only package that touches stages. A function here fetches, calls, saves and records, and nothing else."""
