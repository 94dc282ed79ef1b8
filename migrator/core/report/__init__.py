"""The controller's report as values: what each record contributes, and the figures all formats are written from."""
