"""Real processes, real faults, and what a person is told of them."""
