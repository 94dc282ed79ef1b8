"""`read`: ActiveCollab into the database, from saved files and from a running one."""
