"""`evidence`: a package that proves a run to somebody who has neither this program nor its database."""
