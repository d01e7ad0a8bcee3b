"""The only addresses of the operator's host."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.schools, name="operator-schools"),
    path("log-in", views.log_in, name="operator-log-in"),
    path("log-out", views.log_out, name="operator-log-out"),
    path("schools/new", views.new_school, name="operator-new-school"),
    path("schools/<uuid:school_id>/code", views.new_code, name="operator-new-code"),
]

handler500 = "lti_tool.web.pages.server_error"
