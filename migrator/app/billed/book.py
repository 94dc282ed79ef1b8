"""The books of `billed`: what became of each record, by word and customer, and the first of those that stay open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from migrator.app.reasons import in_words
from migrator.core.billed import Candidate, Marking, Stays
from migrator.core.model import MocoId
from migrator.core.tally import Tally

LISTED = 1000
"""Open records listed in the answer; the counts always cover all."""


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A record that stays open, and why."""

    source_id: int
    activity_id: int
    seconds: int
    marking: Marking
    reason: str
    message: str
    explained: bool

    def as_json(self) -> dict[str, object]:
        """As the answer lists it."""
        return {
            "source_id": self.source_id,
            "activity_id": self.activity_id,
            "seconds": self.seconds,
            "word": self.marking.value,
            "reason": self.reason,
            "message": self.message,
            "explained": self.explained,
        }


@dataclass(slots=True)
class BilledBook:
    """Tallies by word and by company; their number depends on customers only."""

    whole: Tally
    """What was open when the run began to look."""
    companies: Mapping[MocoId, str]
    by_word: dict[Marking, Tally] = field(default_factory=lambda: defaultdict(Tally))
    by_company: dict[MocoId, dict[Marking, Tally]] = field(default_factory=dict)
    unexplained: int = 0
    """Records that a person has to look at."""
    listed: list[OpenRecord] = field(default_factory=list)
    requests: int = 0
    """Requests that marked, or would."""

    def count(self, each: Candidate, marking: Marking) -> None:
        """Enter one record."""
        self.by_word[marking].add(each.seconds)
        of_company = self.by_company.setdefault(each.company_id, defaultdict(Tally))
        of_company[marking].add(each.seconds)

    def leave(self, each: Candidate, marking: Marking, stays: Stays) -> None:
        """Enter one record that stays open, with the reason."""
        self.count(each, marking)
        self.unexplained += not stays.explained
        if len(self.listed) < LISTED:
            self.listed.append(
                OpenRecord(
                    each.source_id,
                    each.activity_id,
                    each.seconds,
                    marking,
                    stays.reason,
                    in_words(stays.reason, stays.detail),
                    stays.explained,
                )
            )

    @property
    def pending(self) -> Tally:
        """What was not reached."""
        reached = Tally()
        for word, tally in self.by_word.items():
            if word is not Marking.PENDING:
                reached.merge(tally)
        return Tally(max(0, self.whole.records - reached.records), max(0, self.whole.seconds - reached.seconds))

    def of(self, marking: Marking) -> Tally:
        """The records of one word."""
        return self.pending if marking is Marking.PENDING else self.by_word.get(marking, Tally())

    def table(self) -> list[dict[str, object]]:
        """Each customer with its words, most time first."""
        rows = sorted(self.by_company.items(), key=lambda pair: -sum(tally.seconds for tally in pair[1].values()))
        return [
            {
                "company_id": company_id or None,
                "name": self.companies.get(company_id, "") or "no customer",
                **{word.value: words[word].as_json() for word in Marking if word in words},
            }
            for company_id, words in rows
        ]


def listed_by_name(tallies: Iterable[tuple[str, Tally]]) -> list[dict[str, object]]:
    """Records and seconds by name, most time first; those of one name together."""
    together: dict[str, Tally] = defaultdict(Tally)
    for name, tally in tallies:
        together[name].merge(tally)
    ordered = sorted(together.items(), key=lambda pair: (-pair[1].seconds, pair[0]))
    return [{"name": name, **tally.as_json()} for name, tally in ordered]
