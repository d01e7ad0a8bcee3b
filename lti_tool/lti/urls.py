"""Addresses below /lti/. A registered redirect_uri is exactly `{ILP_BASE_URL}/lti/launch`."""

from django.urls import path

from . import claim_pages, views
from .registration import views as registration

urlpatterns = [
    path("login", views.login, name="lti-login"),
    path("launch", views.consume, name="lti-launch"),
    path("claim", claim_pages.claim, name="lti-claim"),
    path("notices", views.take_notices, name="lti-notices"),
    path("jwks", views.jwks, name="lti-jwks"),
    path("canvas.json", registration.canvas, name="lti-canvas"),
    path("register/<str:token>", registration.register, name="lti-register"),
]
