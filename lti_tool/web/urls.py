"""Addresses of the pages. A session page is named by its handle; no address holds a name or any words (T80)."""

from django.urls import include, path

from . import cycles, files, frameworks, logs, notices, panel, placing, portfolio, reviews, targets

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
    path(_SESSION + "frameworks/", frameworks.frameworks, name="frameworks"),
    path(_SESSION + "frameworks/<slug:key>", frameworks.framework, name="framework"),
    path(_SESSION + "frameworks/<slug:key>/choose", frameworks.choose, name="framework-choose"),
    path(_SESSION + "frameworks/<slug:key>/copy", frameworks.copy, name="framework-copy"),
    path(_SESSION + "frameworks/<slug:key>/edit", frameworks.edit, name="framework-edit"),
    path(_SESSION + "frameworks/<slug:key>/publish", frameworks.publish, name="framework-publish"),
    path(_SESSION + "frameworks/<slug:key>/discard", frameworks.discard, name="framework-discard"),
    path(_SESSION + "place", placing.place, name="place"),
    path(_SESSION + "cycles/<uuid:cycle_id>/", cycles.cycle, name="cycle"),
    path(_SESSION + "cycles/<uuid:cycle_id>/tell", cycles.tell, name="cycle-tell"),
    path(_SESSION + "reviews/", reviews.mine, name="my-reviews"),
    path(_SESSION + "activities", targets.activities, name="activities"),
    path(_STUDENT + "review/", reviews.review, name="review"),
    path(_STUDENT + "review/judge", reviews.judge, name="judge"),
    path(_STUDENT + "review/close", reviews.close, name="review-close"),
    path(_STUDENT + "reviews/<uuid:review_id>", reviews.past, name="past-review"),
    path(_STUDENT + "log", logs.log, name="log"),
    path(_STUDENT + "log/write", logs.write, name="log-write"),
    path(_SESSION + "log/<uuid:entry_id>", logs.entry, name="log-entry"),
    path(_SESSION + "log/<uuid:entry_id>/delete", logs.delete, name="log-delete"),
    path(_SESSION + "log/<uuid:entry_id>/report", logs.report, name="log-report"),
    path(_STUDENT + "work", portfolio.portfolio, name="portfolio"),
    path(_STUDENT + "work/new", portfolio.new, name="item-new"),
    path(_STUDENT + "work/<uuid:item_id>", portfolio.edit, name="item-edit"),
    path(_STUDENT + "work/<uuid:item_id>/delete", portfolio.delete, name="item-delete"),
    path(_STUDENT + "work/<uuid:item_id>/report", portfolio.report, name="item-report"),
    path(_STUDENT + "work/<uuid:row_id>/settle", portfolio.settle, name="work-settle"),
    path(_SESSION + "files/<uuid:file_id>", files.file, name="file"),
    path(_SESSION + "files/<uuid:file_id>/withdraw", files.withdraw, name="file-withdraw"),
    path(_SESSION + "files/<uuid:file_id>/check", files.check, name="file-check"),
    path(_STUDENT + "targets/new", targets.new, name="target-new"),
    path(_STUDENT + "targets/<uuid:target_id>", targets.edit, name="target-edit"),
    path(_STUDENT + "targets/<uuid:target_id>/stop", targets.stop, name="target-stop"),
]
