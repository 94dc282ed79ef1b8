from __future__ import annotations

import pytest
from sqlalchemy import Engine

from migrator.errors import RefusedByGate
from migrator.store.account import Pair, bind, bound, fact, forget, learn, remember_session
from migrator.store.engine import reading, writing
from tests.unit.store.builders import WHEN


def test_the_first_use_stores_the_pair_and_later_ones_insist_on_it(engine: Engine) -> None:
    with writing(engine) as session:
        assert bound(session) is None
        bind(session, "agency", "agency-gmbh", WHEN)
    with writing(engine) as session:
        assert bind(session, "agency", "agency-gmbh", WHEN) == Pair("agency", "agency-gmbh", None)


@pytest.mark.parametrize(("instance", "subdomain"), [("other", "agency-gmbh"), ("agency", "other")])
def test_another_account_on_either_side_is_refused_naming_the_old_pair(
    engine: Engine, instance: str, subdomain: str
) -> None:
    with writing(engine) as session:
        bind(session, "agency", "agency-gmbh", WHEN)
    with pytest.raises(RefusedByGate, match=r"'agency'.*'agency-gmbh'"), writing(engine) as session:
        bind(session, instance, subdomain, WHEN)
    with reading(engine) as session:
        assert bound(session) == Pair("agency", "agency-gmbh", None)


def test_reading_binds_the_source_alone_and_the_target_follows(engine: Engine) -> None:
    with writing(engine) as session:
        assert bind(session, "agency", None, WHEN) == Pair("agency", None, None)
    with writing(engine) as session:
        bind(session, "agency", "agency-gmbh", WHEN)
    with writing(engine) as session:
        assert bind(session, "agency", None, WHEN) == Pair("agency", "agency-gmbh", None)


def test_a_changed_session_uuid_is_told_but_not_refused(engine: Engine) -> None:
    with writing(engine) as session:
        bind(session, "agency", "agency-gmbh", WHEN)
        assert remember_session(session, "one") is None
        assert remember_session(session, "two") == "one"
        assert bound(session) == Pair("agency", "agency-gmbh", "two")


def test_a_fact_is_learned_anew_and_forgotten(engine: Engine) -> None:
    with writing(engine) as session:
        learn(session, "atomic", "yes", WHEN)
        learn(session, "atomic", "no", WHEN)
        assert fact(session, "atomic") == "no"
        forget(session, "atomic")
        assert fact(session, "atomic") is None
