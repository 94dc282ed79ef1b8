"""`map`: who is who, from proposals through a spreadsheet to a version in force."""
