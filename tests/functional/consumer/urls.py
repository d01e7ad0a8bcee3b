"""The consumer's own addresses, and pages that start its launches for a person, as its block does."""

from typing import Any

from django.contrib.auth import get_user_model, login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import include, path
from lti_consumer.api import get_lti_1p3_content_url, get_lti_1p3_launch_start_url
from lti_consumer.data import Lti1p3LaunchData
from lti_consumer.models import LtiAgsScore, LtiConfiguration

from tests.functional.consumer import school


def launch_data(configuration: LtiConfiguration, user: Any) -> Lti1p3LaunchData:
    """What the block tells its consumer of a launch."""
    return Lti1p3LaunchData(
        user_id=user.id,
        user_role="staff" if user.username == school.TEACHER else "student",
        config_id=configuration.config_id,
        resource_link_id=str(school.BLOCK),
        external_user_id=school.sub_of(user.username),
        launch_presentation_document_target="iframe",
        context_id=str(school.COURSE),
        context_type=["course_offering"],
        context_title=f"{school.TITLE} - School",
        context_label=str(school.COURSE),
    )


def start(request: HttpRequest, username: str) -> HttpResponse:
    """Open the block as this person; `?choose` is Studio's deep linking."""
    user = get_user_model().objects.get(username=username)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    data = launch_data(LtiConfiguration.objects.get(), user)
    if "choose" in request.GET:
        return redirect(get_lti_1p3_launch_start_url(data, deep_link_launch=True))
    return redirect(get_lti_1p3_content_url(data))


def held(request: HttpRequest) -> JsonResponse:
    """What the consumer's database holds of what the tool sent."""
    configuration = LtiConfiguration.objects.get()
    return JsonResponse(
        {
            "chosen": [item.attributes for item in configuration.ltidlcontentitem_set.all()],
            "scores": dict(
                LtiAgsScore.objects.filter(line_item__lti_configuration=configuration).values_list(
                    "user_id", "score_given"
                )
            ),
        }
    )


urlpatterns = [
    path("open/<slug:username>", start),
    path("held", held),
    path("api/", include("lti_consumer.plugin.urls", namespace="lti_consumer")),
]
