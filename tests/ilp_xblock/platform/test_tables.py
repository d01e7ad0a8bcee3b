"""The tables in the LMS's database, and the plug-in that the LMS loads."""

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from ilp_xblock.apps import ILPXBlockConfig
from ilp_xblock.models import (
    ContentRequest,
    LaunchRequest,
    PlatformKey,
    RegistrationToken,
    RosterMember,
    RosterState,
    Tool,
    UsedAssertion,
)
from ilp_xblock.platform import configuration
from ilp_xblock.platform.plugin_settings import plugin_settings
from tests.factories import platform as factories

OURS = "ilp_xblock_"


def tables() -> set[str]:
    return {name for name in connection.introspection.table_names() if name.startswith(OURS)}


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_migrations_go_back_and_forth() -> None:
    there = tables()
    assert there == {model._meta.db_table for model in apps.get_app_config("ilp_xblock").get_models()}
    call_command("migrate", "ilp_xblock", "zero", verbosity=0)
    assert tables() == set()
    call_command("migrate", "ilp_xblock", verbosity=0)
    assert tables() == there


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "ilp_xblock", check=True, dry_run=True, verbosity=0)


@pytest.mark.usefixtures("made_keys")
@pytest.mark.django_db
@pytest.mark.database
def test_every_natural_key_is_kept_by_the_database() -> None:
    tool = factories.make_tool().tool
    now = timezone.now()
    key = PlatformKey.objects.earliest("generation")
    state = RosterState.objects.create(course_hash="c")
    doubles: list[Any] = [
        Tool(client_id=tool.client_id, redirect_uris=[]),
        Tool(deployment_id=tool.deployment_id, redirect_uris=[]),
        PlatformKey(generation=key.generation, kid="other", public_jwk={}),
        PlatformKey(generation=99, kid=key.kid, public_jwk={}),
        *(LaunchRequest(handle="h", tool=tool, expires=now) for _ in range(2)),
        *(ContentRequest(handle="h", tool=tool, expires=now) for _ in range(2)),
        *(UsedAssertion(tool=tool, jti_hash="j", expires=now) for _ in range(2)),
        *(RegistrationToken(token_hash="t", expires=now) for _ in range(2)),
        RosterState(course_hash=state.course_hash),
        *(RosterMember(state=state, sub_hash="s", version=1, roles_version=1) for _ in range(2)),
    ]
    refused = 0
    for row in doubles:
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            refused += 1
    assert refused == 10
    names = {constraint.name for model in (Tool, PlatformKey) for constraint in model._meta.constraints}
    assert all(name.startswith(OURS) for name in names)


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.trust("T76")
def test_ids_as_long_as_lti_allows_fit_in_any_alphabet() -> None:
    tool = factories.make_tool(name="\N{SNOWMAN}" * 255).tool
    long = "\N{GREEK SMALL LETTER ALPHA}" * 255
    row = LaunchRequest.objects.create(tool=tool, sub=long, course_id=long, block_id=long, expires=timezone.now())
    row.refresh_from_db()
    assert (row.sub, row.course_id, row.block_id) == (long, long, long)


def test_the_plug_in_is_loaded_without_xblock_or_edx_platform() -> None:
    code = (
        "import ilp_xblock, ilp_xblock.apps, sys;"
        "bad = [m for m in sys.modules if m.split('.')[0] in ('xblock', 'lms', 'common', 'openedx', 'xmodule')];"
        "print(bad)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"


def test_the_lms_gets_the_addresses_and_both_get_the_settings() -> None:
    plugin = ILPXBlockConfig.plugin_app
    assert plugin["url_config"] == {
        "lms.djangoapp": {"namespace": "ilp_xblock", "regex": r"^ilp/", "relative_path": "platform.urls"}
    }
    assert plugin["settings_config"].keys() == {"lms.djangoapp", "cms.djangoapp"}


def test_the_plug_in_gives_way_to_the_operators_settings() -> None:
    lms = SimpleNamespace(LOCALE_PATHS=("/lms/locale",))
    for _layer in range(2):
        plugin_settings(lms)
    assert lms.LOCALE_PATHS[0] == "/lms/locale"
    assert [path.rpartition("ilp_xblock")[2] for path in lms.LOCALE_PATHS[1:]] == ["/translations"]
    assert lms.ILP_LTI_PORTS["grades"] == "ilp_xblock.compat.EdxGrades"
    own = SimpleNamespace(ILP_LTI_PORTS=factories.PORTS)
    plugin_settings(own)
    assert own.ILP_LTI_PORTS == factories.PORTS


def test_what_is_not_set_follows_the_lmss_own_addresses(settings: Any) -> None:
    settings.ILP_LTI_ISSUER = ""
    settings.LMS_ROOT_URL = "https://lms.example.org/"
    settings.LEARNING_MICROFRONTEND_URL = "https://learning.example.org/learning"
    settings.CMS_ROOT_URL = None
    settings.ILP_LTI_FRAME_ANCESTORS = None
    assert configuration.issuer() == "https://lms.example.org"
    assert configuration.frame_ancestors() == ["'self'", "https://learning.example.org"]
    settings.LMS_ROOT_URL = ""
    with pytest.raises(ImproperlyConfigured, match="ILP_LTI_ISSUER"):
        configuration.issuer()
