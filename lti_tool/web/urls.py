"""Addresses of the pages. A session page is named by its handle; no address holds a name or any words (T80)."""

from django.urls import include, path

from . import cycles, notices, panel, placing, reviews, targets

_SESSION = "s/<slug:handle>/"
_STUDENT = _SESSION + "students/<uuid:student_id>/"

urlpatterns = [
    path("", notices.front_door, name="front-door"),
    path(_SESSION, panel.panel, name="panel"),
    path(_SESSION + "live", panel.live, name="panel-live"),
    path(_SESSION + "words", panel.words, name="words"),
    path(_SESSION + "draft", panel.draft, name="draft"),
    path(_SESSION + "about", notices.about, name="about"),
    path(_SESSION + "done", notices.done, name="done"),
    path(_SESSION + "setup/", include("lti_tool.web.setup.urls")),
    path(_SESSION + "place", placing.place, name="place"),
    path(_SESSION + "cycles/<uuid:cycle_id>/", cycles.cycle, name="cycle"),
    path(_SESSION + "cycles/<uuid:cycle_id>/tell", cycles.tell, name="cycle-tell"),
    path(_SESSION + "activities", targets.activities, name="activities"),
    path(_STUDENT + "review/", reviews.review, name="review"),
    path(_STUDENT + "review/judge", reviews.judge, name="judge"),
    path(_STUDENT + "review/close", reviews.close, name="review-close"),
    path(_STUDENT + "reviews/<uuid:review_id>", reviews.past, name="past-review"),
    path(_STUDENT + "targets/new", targets.new, name="target-new"),
    path(_STUDENT + "targets/<uuid:target_id>", targets.edit, name="target-edit"),
    path(_STUDENT + "targets/<uuid:target_id>/stop", targets.stop, name="target-stop"),
]
