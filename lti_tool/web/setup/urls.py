"""Addresses of the setup pages, below a session's handle."""

from django.urls import path

from . import people, rules, schooling, terms, views

urlpatterns = [
    path("", views.overview, name="setup"),
    path("people/", people.people, name="office"),
    path("people/years", schooling.schooling, name="office-years"),
    path("people/act", people.act, name="office-act"),
    path("people/record", people.record, name="office-record"),
    path("people/bring", people.bring, name="office-bring"),
    path("rules", rules.rules, name="office-rules"),
    path("words", terms.terms, name="office-terms"),
    path("code", views.code, name="setup-code"),
    path("new-code", views.new_code, name="setup-new-code"),
    path("link", views.new_link, name="setup-link"),
    path("by-hand", views.register_by_hand, name="setup-by-hand"),
    path("passback", views.passback, name="setup-passback"),
    path("administrators/<int:appointment_id>/end", views.end, name="setup-end"),
    path("courses/<int:course_id>", views.course, name="setup-course"),
    path("courses/<int:course_id>/storage", views.storage, name="setup-storage"),
]
