"""The demo LMS: our course pages in front of the workbench's own, and the LTI platform under /ilp/."""

from django.urls import include, path
from workbench.urls import urlpatterns as workbench_patterns

from . import views

urlpatterns = [
    path("", views.front, name="front"),
    path("courses/<slug:course_id>/", views.course, name="course"),
    path("courses/<slug:course_id>/<slug:unit>/", views.unit, name="unit"),
    path("courses/<slug:course_id>/<slug:unit>/studio/", views.studio, name="studio"),
    path("ilp/", include("ilp_xblock.platform.urls")),
    *workbench_patterns,
]
