"""Fuzzing the readers of ActiveCollab: for seconds in `make test`, for as long as you like in `make fuzz`."""
