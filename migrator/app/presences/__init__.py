"""`presences`: working times derived from the days' records, and taking them back."""
