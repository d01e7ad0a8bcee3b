"""Every page opens in every language the tool offers: a language Django does not know fails here."""

import pytest
from django.conf import settings
from django.test import Client

from tests.browser.scenes import World
from tests.factories.web import make_story

pytestmark = [pytest.mark.django_db, pytest.mark.trust("T91")]


@pytest.mark.parametrize("locale", [code for code, _name in settings.LANGUAGES])
def test_every_page_opens_in_every_language(locale: str) -> None:
    failed = []
    for scene in World(make_story(), locale).scenes():
        browser = Client(raise_request_exception=False)
        if scene.door:
            browser.cookies[scene.door.cookie] = scene.door.secret
        answer = browser.get(scene.address)
        if answer.status_code >= 500 or (scene.door and f'lang="{locale}"' not in answer.content.decode()):
            failed.append((scene.name, answer.status_code))
    assert failed == []
