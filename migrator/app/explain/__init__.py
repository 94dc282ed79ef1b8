"""`explain`: one record from its raw fragment to what MOCO holds, without any network."""
