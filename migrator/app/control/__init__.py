"""`verify --control`: whether the source was read whole, by totals of ActiveCollab's own reports."""
