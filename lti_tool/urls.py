"""The composition root of the tool's addresses."""

from django.urls import include, path

urlpatterns = [
    path("lti/", include("lti_tool.lti.urls")),
    path("", include("lti_tool.web.urls")),
]

handler500 = "lti_tool.web.pages.server_error"
