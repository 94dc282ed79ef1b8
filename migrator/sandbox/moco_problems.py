"""Why the simulated MOCO refuses a record, in words."""

from __future__ import annotations

from enum import Enum


class Words(Enum):
    """Messages of a refusal, German and English (recorded in both); unrecorded ones are GUESS."""

    BLANK = ("muss ausgefüllt werden", "can't be blank")
    INVALID = ("ist nicht gültig", "is invalid")
    NOT_A_CHOICE = ("ist kein gültiger Wert", "is not included in the list")
    TOO_SHORT = ("ist zu kurz (weniger als 3 Zeichen)", "is too short (minimum is 3 characters)")
    TOO_LONG = ("ist zu lang", "is too long")
    TAKEN = ("ist bereits vergeben", "has already been taken")
    NOT_A_NUMBER = ("ist keine Zahl", "is not a number")
    LOCKED = ("Der Zeitraum ist gesperrt", "The period is locked")
    BILLED = ("Der Eintrag ist bereits abgerechnet", "The entry has already been billed")
    IN_USE = ("Es sind bereits Zeiten erfasst", "There are hours booked already")
    NOT_FIRST_DAY = ("muss der erste Tag eines Monats sein", "must be the first day of a month")
    NOT_LAST_DAY = ("muss der letzte Tag eines Monats sein", "must be the last day of a month")
    UNCHANGEABLE = ("kann nicht geändert werden", "cannot be changed")
    OVERLAPS = ("range overlaps",) * 2
    TIMER_OTHER_DAY = ("Timer can only be started on the current day",) * 2
    TIMER_RUNNING = ("Timer is already running",) * 2
    TIMER_NOT_RUNNING = ("Timer is not running",) * 2


Problems = dict[str, list[Words | str]]
"""What is wrong with each field; `base` for the record as a whole."""


class Invalid(Exception):
    """Ends a request with 422."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(problems)
        self.problems = problems
