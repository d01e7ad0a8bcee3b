"""What LTI's rows hold of people, and what erasing a person does to them (T96); put on the models at start."""

from uuid import UUID

from django.db import models as db

from lti_tool.privacy import ENTRY, PLAN, RIGHTS, ROSTER, SETUP, TAKE_BACK, End, Kind, Privacy

from . import models, withdrawing

_ACCOUNT = "platform_user__person"


def _by_account(person_id: UUID) -> db.Q:
    """Rows that name one of the person's accounts."""
    accounts = models.PlatformUser.objects.filter(
        person_id=person_id, deployment=db.OuterRef("deployment"), sub=db.OuterRef("sub")
    )
    return db.Q(db.Exists(accounts))


def _by_account_there(person_id: UUID) -> db.Q:
    """Rows of a course that name one of the person's accounts."""
    accounts = models.PlatformUser.objects.filter(
        person_id=person_id, deployment=db.OuterRef("context__deployment"), sub=db.OuterRef("sub")
    )
    return db.Q(db.Exists(accounts))


PRIVACY: dict[type[db.Model], Privacy] = {
    models.RegistrationLink: Privacy(SETUP, plain="id token_hash school expires_at used_at"),
    models.Platform: Privacy(
        SETUP,
        plain="id issuer client_id auth_url token_url token_audience jwks_url product_family scopes messages jwks"
        " jwks_fetched_at jwks_expires_at claim_for created_at frame_origins",
    ),
    models.Deployment: Privacy(SETUP, plain="id platform deployment_id school held_for messages frame_origins"),
    models.Context: Privacy(
        SETUP,
        plain="id deployment id_on_platform course title lineitems_url memberships_url scopes launched_on groups_url"
        " group_sets_url groups_read_at differences_url roster_read_at history",
    ),
    models.ResourceLink: Privacy(
        SETUP, plain="id context id_on_platform title lineitem_url lineitem_since about cycle told_since"
    ),
    models.PlacementWish: Privacy(SETUP, plain="id context token asked_at", ordinary={Kind.PERSON: "asked_by"}),
    models.PlatformUser: Privacy(
        ROSTER,
        about=("person",),
        plain="id deployment",
        personal={Kind.PERSON: "person", Kind.ACCOUNT: "sub", Kind.PROOF: "name_digest"},
    ),
    models.ToolKey: Privacy(SETUP, plain="id kid private_pem public_jwk state created_at retired_at platform"),
    models.Login: Privacy(
        ENTRY, plain="id state_hash nonce_hash platform target_link_uri storage_target parameters expires_at"
    ),
    models.LaunchSession: Privacy(
        ENTRY,
        about=(_ACCOUNT,),
        plain="id deployment context resource_link activity_ids return_url frame_ancestors goal area in_cookie",
        ordinary={
            Kind.PERSON: "platform_user",
            Kind.STATUS: "role locale",
            Kind.TIME: "created_at last_seen_at expires_at ended_at",
        },
        restricted={Kind.PROOF: "handle secret_hash"},
    ),
    models.MediaPass: Privacy(
        ENTRY,
        about=(f"session__{_ACCOUNT}",),
        plain="id session file_id",
        ordinary={Kind.TIME: "expires_at used_at"},
        restricted={Kind.PROOF: "token_hash"},
    ),
    models.AccessToken: Privacy(SETUP, plain="id platform scope_hash token expires_at"),
    models.SchoolCode: Privacy(SETUP, plain="id code_hash school expires_at used_at"),
    models.WrongCode: Privacy(
        ENTRY, find=_by_account, plain="id deployment", ordinary={Kind.ACCOUNT: "sub", Kind.TIME: "at"}
    ),
    models.ClaimVisit: Privacy(
        ENTRY,
        find=_by_account,
        plain="id deployment frame_ancestors",
        ordinary={Kind.ACCOUNT: "sub", Kind.STATUS: "locale", Kind.TIME: "expires_at"},
        restricted={Kind.PROOF: "token_hash"},
    ),
    models.Appointment: Privacy(
        RIGHTS,
        about=(_ACCOUNT,),
        plain="id school",
        ordinary={Kind.PERSON: "platform_user", Kind.TIME: "appointed_at ended_at"},
    ),
    models.ServiceTry: Privacy(SETUP, plain="id context service outcome tried_at"),
    models.DeepLinking: Privacy(
        ENTRY,
        about=(f"session__{_ACCOUNT}",),
        plain="id session settings may_pick",
        ordinary={Kind.TIME: "answered_at"},
    ),
    models.NoticeService: Privacy(SETUP, plain="id deployment url handler tried_at failure"),
    models.Notice: Privacy(SETUP, plain="id deployment notice_id received_at"),
    models.ContextCopy: Privacy(SETUP, plain="id origin id_on_platform told_at"),
    models.CourseGroup: Privacy(SETUP, plain="id context id_on_platform name set_name"),
    models.GroupMember: Privacy(ROSTER, about=("person",), plain="id group", ordinary={Kind.PERSON: "person"}),
    models.ScoreTime: Privacy(
        PLAN,
        find=_by_account,
        plain="id deployment line_item_hash",
        personal={Kind.ACCOUNT: "sub", Kind.TIME: "given_at"},
    ),
    models.ScorePassback: Privacy(SETUP, plain="id school since looked_until"),
    models.ReviewScore: Privacy(
        PLAN,
        about=("student",),
        before=withdrawing.note,
        plain="id review resource_link attempts next_try_at failure",
        personal={Kind.PERSON: "student", Kind.TIME: "closed_at", Kind.STATUS: "state"},
    ),
    models.Withdrawal: Privacy(
        TAKE_BACK,
        find=_by_account_there,
        end=End.LATER,
        plain="id context title line_item_url sure attempts next_try_at failure settled_at state",
        personal={Kind.ACCOUNT: "sub", Kind.TIME: "given_at"},
    ),
}

for _model, _told in PRIVACY.items():
    _model.privacy = _told  # type: ignore[attr-defined]
