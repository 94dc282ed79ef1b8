"""Who may do what: keys, a password, permissions, and acting as somebody."""

from __future__ import annotations

import pytest

from migrator.moco import Forbidden, KeyRefused, MocoClient, PermissionMissing, issue_key
from migrator.sandbox.moco import MocoSandbox
from tests.contract.moco.conftest import client_of, judged
from tests.contract.moco.world import KEY, OTHERS_KEY, World
from tests.support.wsgi import WsgiAdapter


def test_who_the_key_belongs_to(world: World) -> None:
    profile = world.moco.session.profile()
    assert (profile.id, profile.active) == (world.me, True)
    assert profile.full_name == f"{profile.firstname} {profile.lastname}"
    assert world.moco.session.get().uuid


def test_a_password_is_exchanged_for_a_key_without_any_key(sandboxed: MocoSandbox, world: World) -> None:
    adapter = judged(WsgiAdapter(sandboxed.wsgi))
    issued = issue_key("https://x.mocoapp.com", "anna.adler@example.com", "geheim", adapter=adapter)
    assert issued.user_id == world.me
    assert client_of(sandboxed, issued.api_key).session.get().user_id == world.me
    (sent,) = [each for each in sandboxed.requests if each.method == "POST"]
    assert sent.authorization_scheme is None
    by_password = MocoClient.by_password(
        "https://x.mocoapp.com", "anna.adler@example.com", "geheim", requests=100, seconds=0.01, adapter=adapter
    )
    assert by_password.session.get().user_id == world.me


def test_a_wrong_password_is_refused(sandboxed: MocoSandbox) -> None:
    adapter = judged(WsgiAdapter(sandboxed.wsgi))
    with pytest.raises(KeyRefused, match="password") as refused:
        issue_key("https://x.mocoapp.com", "anna.adler@example.com", "falsch!", adapter=adapter)
    assert "falsch!" not in str(refused.value)
    assert len(sandboxed.requests) == 1


def test_a_wrong_key_and_a_missing_permission_are_told_apart(sandboxed: MocoSandbox, world: World) -> None:
    with pytest.raises(KeyRefused) as refused:
        client_of(sandboxed, "c" * 24).session.get()
    assert refused.value.status == 401
    plain = client_of(sandboxed, OTHERS_KEY)
    with pytest.raises(PermissionMissing, match="people") as missing:
        list(plain.users.list())
    assert (missing.value.status, missing.value.endpoint) == (403, "GET /users")
    with pytest.raises(PermissionMissing):
        plain.projects.create(name="x", currency="EUR", company_id=world.company.id, leader_id=world.me)


def test_what_is_booked_while_acting_as_somebody_is_that_person_s(sandboxed: MocoSandbox, world: World) -> None:
    colleague = next(user for user in world.moco.users.list() if user.id != world.me)
    world.moco.contracts.create(world.project.id, user_id=colleague.id)
    acting = world.moco.acting_as(colleague.id)
    assert acting.session.profile().id == colleague.id
    task = world.task
    made = acting.activities.create(day=world.day, project_id=world.project.id, task_id=task.id, seconds=60)
    bulk = acting.activities.bulk(
        [{"day": world.day, "project_id": world.project.id, "task_id": task.id, "seconds": 60}]
    )
    for each in (made, *bulk):
        assert each.user is not None
        assert each.user.id == colleague.id
        assert each.hourly_rate is None
    world.new_project()
    assert [each.id for each in acting.projects.assigned()] == [world.project.id]
    assert world.moco.session.profile().id == world.me
    assert acting.acting_as(None).session.profile().id == world.me
    adapter = WsgiAdapter(sandboxed.wsgi)
    with MocoClient("https://x.mocoapp.com", KEY, as_user=colleague.id, adapter=adapter) as always:
        assert always.session.profile().id == colleague.id


def test_who_may_not_act_as_somebody_is_told_whom(sandboxed: MocoSandbox, world: World) -> None:
    with pytest.raises(Forbidden) as refused:
        client_of(sandboxed, OTHERS_KEY).acting_as(world.me).session.profile()
    assert refused.value.as_user == world.me
    assert f"person {world.me}" in refused.value.message
