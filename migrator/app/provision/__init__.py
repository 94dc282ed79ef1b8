"""What has to be there in MOCO before a record can be: created once, opened for a while, archived in the end."""
