"""The only addresses of the operator's host."""

from django.urls import path

from . import account, views

urlpatterns = [
    path("", views.schools, name="operator-schools"),
    path("log-in", account.log_in, name="operator-log-in"),
    path("log-out", account.log_out, name="operator-log-out"),
    path("account", account.account, name="operator-account"),
    path("account/password", account.change_password, name="operator-password"),
    path("account/codes", account.backup_codes, name="operator-backup-codes"),
    path("account/authenticator", account.new_authenticator, name="operator-authenticator"),
    path("schools/new", views.new_school, name="operator-new-school"),
    path("schools/<uuid:school_id>", views.school, name="operator-school"),
    path("schools/<uuid:school_id>/code", views.new_code, name="operator-new-code"),
    path("schools/<uuid:school_id>/link", views.new_link, name="operator-new-link"),
    path("schools/<uuid:school_id>/sites/<int:deployment_pk>", views.switch_site, name="operator-site"),
    path("schools/<uuid:school_id>/sites/<int:deployment_pk>/marks", views.take_back, name="operator-take-back"),
]

handler404 = "lti_tool.web.operators.door.not_found"
handler500 = "lti_tool.web.pages.server_error"
