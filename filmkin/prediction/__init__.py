"""What a film will cost, take and be rated, from what is known before its release."""
