"""The films, their credits and details -> models of what a film will cost, take and be rated."""
