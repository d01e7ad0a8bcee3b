"""The platform's addresses, under /ilp/ of the LMS. Course ids may hold anything but are given as one path."""

from django.urls import path

from . import gradebook, groups, roster, views
from .limits import limited

app_name = "ilp_xblock"
_service = limited("services")

urlpatterns = [
    path(".well-known/openid-configuration", views.openid_configuration, name="openid-configuration"),
    path("jwks", views.jwks, name="jwks"),
    path("register", views.register, name="register"),
    path("launch", views.start_launch, name="launch"),
    path("review", views.choose_review, name="review"),
    path("auth", views.authenticate, name="auth"),
    path("content", views.take_content, name="content"),
    path("token", views.token, name="token"),
    path("courses/<path:course_id>/lineitems", _service(gradebook.lineitems), name="lineitems"),
    path("courses/<path:course_id>/lineitems/<str:item>", _service(gradebook.lineitem), name="lineitem"),
    path("courses/<path:course_id>/lineitems/<str:item>/results", _service(gradebook.results), name="results"),
    path(
        "courses/<path:course_id>/lineitems/<str:item>/results/<str:person>",
        _service(gradebook.result),
        name="result",
    ),
    path("courses/<path:course_id>/lineitems/<str:item>/scores", _service(gradebook.scores), name="scores"),
    path("courses/<path:course_id>/memberships", _service(roster.memberships), name="memberships"),
    path("courses/<path:course_id>/groups", _service(groups.groups), name="groups"),
    path("courses/<path:course_id>/groups/sets", _service(groups.group_sets), name="group-sets"),
]
