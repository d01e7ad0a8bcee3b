"""Open edX retires a user: what this app holds of their account goes (OEP-30, local_api). Twice is as good as once.

Rows of the app hold no name, and most live for minutes; the XBlock keeps no state of a learner. The tool offers the
same for what it holds: `ilp-tool retire_account`.
"""

from typing import Any

from django.db.models import Q

from ilp_xblock.models import ContentRequest, LaunchRequest, RosterMember, digest

from .ports import ports


def retire(sub: str) -> int:
    """Delete every row that names this account. Returns how many there were."""
    launches, _ = LaunchRequest.objects.filter(Q(sub=sub) | Q(for_user=sub)).delete()
    content, _ = ContentRequest.objects.filter(sub=sub).delete()
    members, _ = RosterMember.objects.filter(sub_hash=digest(sub)).delete()
    return launches + content + members


def on_retirement(sender: Any, user: Any, **kwargs: Any) -> None:
    """The receiver of USER_RETIRE_LMS_CRITICAL. A user who never had an id for tools has nothing here."""
    sub = ports().current_user.sub_of(user.pk)
    if sub:
        retire(sub)
