"""Fill the consumer's database and connect a tool to its block by hand, as a course author does in Studio."""

import json
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone
from lti_consumer.api import get_lti_1p3_launch_info
from lti_consumer.models import CourseAllowPIISharingInLTIFlag, LtiAgsScore, LtiConfiguration

from tests.functional.consumer import school
from tests.functional.consumer.models import UserProfile
from tests.functional.consumer.urls import launch_data


class Command(BaseCommand):
    help = "Prints as JSON what the tool must be told."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tool", help="the tool's address")
        parser.add_argument("mode", choices=["declarative", "programmatic"])

    def handle(self, *args: Any, **options: Any) -> None:
        users = get_user_model().objects
        for username in school.PEOPLE:
            user = users.create_user(username, email=f"{username}@example.org")
            UserProfile.objects.create(user=user, name=school.PEOPLE[username])
        CourseAllowPIISharingInLTIFlag.objects.create(course_id=school.COURSE, enabled=True)
        lti = f"{options['tool']}/lti"
        configuration = LtiConfiguration.objects.create(
            version=LtiConfiguration.LTI_1P3,
            config_store=LtiConfiguration.CONFIG_ON_DB,
            location=school.BLOCK,
            lti_1p3_oidc_url=f"{lti}/login",
            lti_1p3_launch_url=f"{lti}/launch",
            lti_1p3_redirect_uris=[f"{lti}/launch"],
            lti_advantage_enable_nrps=True,
            lti_advantage_deep_linking_enabled=True,
            lti_advantage_deep_linking_launch_url=f"{lti}/launch",
            lti_advantage_ags_mode=options["mode"],
        )
        passport = configuration.lti_1p3_passport
        passport.lti_1p3_tool_keyset_url = f"{lti}/jwks"
        passport.save()
        info = get_lti_1p3_launch_info(launch_data(configuration, users.get(username=school.TEACHER)))
        column = configuration.ltiagslineitem_set.first()  # the consumer makes it in declarative mode only
        for username, mark in school.MARKS.items() if column else ():
            LtiAgsScore.objects.create(
                line_item=column,
                user_id=school.sub_of(username),
                score_given=mark,
                score_maximum=school.MAXIMUM,
                timestamp=timezone.now(),
                activity_progress="Completed",
                grading_progress="FullyGraded",
            )
        names = ("client_id", "deployment_id", "keyset_url", "token_url", "oidc_callback")
        self.stdout.write(json.dumps({name: info[name] for name in names}))
