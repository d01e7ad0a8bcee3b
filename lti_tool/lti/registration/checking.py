"""Checks an LMS's values while somebody waits: its keys are fetched and a token is asked for. Nothing is stored."""

import time
import uuid
from collections.abc import Callable
from http import HTTPStatus

from pydantic import ValidationError

from lti_tool import http
from lti_tool.lti import keys, platform_keys
from lti_tool.lti.services.course import MEMBERS_READ, RESULTS_READ
from lti_tool.lti.services.tokens import ASSERTION_SECONDS, ASSERTION_TYPE, Grant

from .by_hand import Values

SECONDS = 6.0
WORKS = "works"


def check(values: Values) -> dict[str, str]:
    """How each check went, by name: `works`, `no_keys`, or a code of `http.HttpError`. Values must be well formed."""
    return {"keys": _outcome(_keys, values), "token": _outcome(_token, values)}


def _outcome(attempt: Callable[[Values], str], values: Values) -> str:
    try:
        return attempt(values)
    except http.HttpError as failure:
        return failure.code


def _keys(values: Values) -> str:
    answer = http.fetch("GET", values.jwks_url, purpose="keys", attempts=1, timeout=SECONDS)
    try:
        found = platform_keys.KeySet.model_validate(answer.json()).keys
    except ValidationError:
        raise http.Broken("not a key set") from None
    return WORKS if any(platform_keys.is_usable(key) for key in found) else "no_keys"


def _token(values: Values) -> str:
    """A token for both services, else for one: some LMSs refuse both when one of them is not switched on."""
    for scope in (f"{RESULTS_READ} {MEMBERS_READ}", MEMBERS_READ):
        try:
            return _ask_for_token(values, scope)
        except http.Refused as refused:
            if refused.status != HTTPStatus.BAD_REQUEST:  # what RFC 6749, 5.2 has for a scope
                raise
    return _ask_for_token(values, RESULTS_READ)


def _ask_for_token(values: Values, scope: str) -> str:
    now = int(time.time())
    assertion = {
        "iss": values.client_id,
        "sub": values.client_id,
        "aud": values.token_audience or values.token_url,
        "iat": now - 5,
        "exp": now + ASSERTION_SECONDS,
        "jti": uuid.uuid4().hex,
    }
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": keys.sign(assertion),
        "scope": scope,
    }
    answer = http.fetch("POST", values.token_url, data=form, purpose="token", attempts=1, timeout=SECONDS)
    try:
        Grant.model_validate_json(answer.body)
    except ValidationError:
        raise http.Broken("the token endpoint's answer is not a token") from None
    return WORKS
