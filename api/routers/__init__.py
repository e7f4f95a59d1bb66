"""HTTP only: path, model, limit, call."""
