"""What goes over the wire. A response model is never stricter than the data."""
