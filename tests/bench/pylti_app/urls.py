"""The same addresses as the tool's."""

from django.urls import path

from . import views

urlpatterns = [path("lti/login", views.login), path("lti/launch", views.launch)]
