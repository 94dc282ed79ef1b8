"""What is news of that which MOCO's web hooks tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from migrator.core.hearing import Heard, Known, Thing, Worth, heard_of_activity, rank_of, worth
from migrator.core.model import MocoId, Seconds, TargetEntry
from tests.unit.store.builders import INSTANCE, a_booking, an_activity

OURS = an_activity(7, a_booking(3))
THEIRS = an_activity(8, a_booking(0, marker=""))
RANK = rank_of(5, "aa", deleted=False)
DELETED = Heard(Thing.ACTIVITY, MocoId(7), True, rank_of(5, "aa", deleted=True))


def heard(entry: TargetEntry) -> Heard:
    return heard_of_activity(entry, RANK, INSTANCE)


def test_a_later_event_outranks_an_earlier_one_and_a_deletion_outranks_all() -> None:
    ranks = [
        rank_of(9, "ff", deleted=False),
        rank_of(10, "aa", deleted=False),
        rank_of(10, "bb", deleted=False),
        rank_of(0, "aa", deleted=True),
    ]
    assert ranks == sorted(ranks)


def test_the_echo_of_our_own_write_is_known_and_a_persons_edit_is_news() -> None:
    known = Known(shown=OURS, linked=True)
    assert worth(heard(OURS), known) is Worth.KNOWN
    edited = replace(OURS, booking=replace(OURS.booking, seconds=Seconds(60)))
    # Within the same second nothing but the content tells.
    assert worth(heard(edited), known) is Worth.NEWS
    assert worth(heard(replace(OURS, billed=True)), known) is Worth.NEWS
    later, earlier = (replace(edited, updated_at=OURS.updated_at + timedelta(seconds=by)) for by in (1, -1))
    assert worth(heard(later), known) is Worth.NEWS
    assert worth(heard(earlier), known) is Worth.KNOWN


def test_what_is_not_known_yet_is_news_when_it_is_ours() -> None:
    assert worth(heard(OURS), Known()) is Worth.NEWS
    assert worth(heard(OURS), Known(linked=True, gone=True)) is Worth.NEWS
    assert worth(heard(THEIRS), Known()) is Worth.FOREIGN
    assert worth(heard(replace(OURS, booking=a_booking(3, marker="ac:other:3"))), Known()) is Worth.FOREIGN
    assert worth(heard(THEIRS), Known(linked=True)) is Worth.NEWS
    assert worth(Heard(Thing.ACTIVITY, MocoId(7), False, RANK), Known(shown=OURS, linked=True)) is Worth.NEWS


def test_a_deletion_is_news_as_long_as_we_believe_the_activity_to_be_there() -> None:
    assert worth(DELETED, Known(shown=OURS, linked=True)) is Worth.NEWS
    assert worth(DELETED, Known(shown=THEIRS)) is Worth.NEWS
    assert worth(DELETED, Known(linked=True)) is Worth.NEWS
    # What we withdrew or took back is in no snapshot any more, and linked to nothing.
    assert worth(DELETED, Known()) is Worth.KNOWN
    assert worth(DELETED, Known(linked=True, gone=True)) is Worth.KNOWN
    # It may be what is being created at this moment, whose id we do not know yet.
    assert worth(DELETED, Known(creating=True)) is Worth.NEWS


def test_only_the_deletion_of_a_project_says_more_than_every_run_reads_anyway() -> None:
    assert worth(replace(DELETED, thing=Thing.PROJECT), Known()) is Worth.SPREAD
    assert worth(Heard(Thing.PROJECT, MocoId(7), False, RANK), Known()) is Worth.KNOWN
