"""The command line: noun, then verb. It reads input, calls one function of `cycles`, and shows the result."""
