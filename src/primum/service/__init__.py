"""The HTTP service of the reward, for trainers that live in other environments. Importing this imports no web framework."""

__all__: list[str] = []
