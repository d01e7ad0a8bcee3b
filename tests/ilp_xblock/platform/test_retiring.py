"""Open edX retires a user: nothing of their account stays in this app's tables (T58)."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.utils import timezone

from ilp_xblock.apps import ILPXBlockConfig
from ilp_xblock.models import ContentRequest, LaunchRequest, RosterMember, RosterState, digest
from ilp_xblock.platform import retiring
from tests.factories import platform as factories

pytestmark = [pytest.mark.django_db]


def rows(tool: factories.ToolSide) -> None:
    until = timezone.now() + timedelta(minutes=5)
    registered = tool.tool
    for sub, about in (("canary", ""), ("teacher", "canary"), ("teacher", "")):
        LaunchRequest.objects.create(tool=registered, sub=sub, for_user=about, course_id="c", expires=until)
    state = RosterState.objects.create(course_hash=digest("c"))
    for sub in ("canary", "teacher"):
        RosterMember.objects.create(state=state, sub=sub, sub_hash=digest(sub), version=1, roles_version=1)
        ContentRequest.objects.create(
            tool=registered, sub=sub, course_id="c", block_id="b", block_hash="h", expires=until
        )


@pytest.mark.trust("T58")
def test_every_row_of_the_account_goes_and_the_second_time_is_a_no_op(tool: factories.ToolSide) -> None:
    rows(tool)
    assert retiring.retire("canary") == 4
    assert retiring.retire("canary") == 0
    kept = [*LaunchRequest.objects.values(), *ContentRequest.objects.values(), *RosterMember.objects.values()]
    assert len(kept) == 3
    assert "canary" not in repr(kept)


@pytest.mark.trust("T58")
def test_the_signal_of_the_lms_is_received_by_its_documented_name(
    tool: factories.ToolSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = ILPXBlockConfig.plugin_app["signals_config"]["lms.djangoapp"]
    receiver = config["receivers"][0]
    module = import_module(f"ilp_xblock.{config['relative_path']}")
    assert receiver["signal_path"].endswith(".USER_RETIRE_LMS_CRITICAL")
    rows(tool)
    user = SimpleNamespace(sub_of=lambda pk: {7: "canary"}.get(pk))
    monkeypatch.setattr(module, "ports", lambda: SimpleNamespace(current_user=user))
    for pk in (7, 8, 7):
        getattr(module, receiver["receiver_func_name"])(sender=None, user=SimpleNamespace(pk=pk))
    kept = [*LaunchRequest.objects.values(), *ContentRequest.objects.values(), *RosterMember.objects.values()]
    assert "canary" not in repr(kept)
