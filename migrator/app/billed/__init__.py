"""`billed`: marking as billed what ActiveCollab had invoiced already."""
