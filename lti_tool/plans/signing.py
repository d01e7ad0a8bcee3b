"""The plan as a learning contract (002.14): who signs up to it is the framework's, how is each one's own way.

Append-only. A signature names the plan's version; what changes afterwards shows as not signed yet. The learner's is
made by the learner and nobody else (T48).
"""

from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from . import audit
from .data import (
    Act,
    Actor,
    Party,
    Role,
    SignatureEntry,
    SignatureView,
    SignedBy,
    Voice,
)
from .exceptions import Invalid, NotFound, Refused
from .frameworks.data import Framework, Signer, named
from .frameworks.keeping import framework_for
from .guardians import may_know_guardians
from .models import Person, Plan, Signature
from .naming import author_ref
from .opening import plan_of
from .permissions import changing
from .permissions import student as reach_student
from .work import reader_of

NAME_LENGTH = 255
TEXT_LENGTH = 5000
_VOICE = {
    Role.LEARNER: Voice.LEARNER,
    Role.FAMILY: Voice.FAMILY,
    Role.PROVIDER: Voice.OTHERS,
    Role.NONE: Voice.OTHERS,
}
_SIGNS_WITH = {
    Voice.LEARNER: Act.CONTRIBUTE,
    Voice.SCHOOL: Act.CONTRIBUTE,
    Voice.FAMILY: Act.READ_SHARED,
    Voice.OTHERS: Act.READ_PLAN,
}


def sign(actor: Actor, student_id: UUID, signer: str, *, agrees: bool = True, text: str = "") -> None:
    """Sign up to the plan as it stands, by the page, as oneself, or say why not. The same twice is kept once.

    Raises:
        Refused: "not_yours": the actor is not this party.
        Invalid: signer "unknown"; text "required" where they do not agree, "too_long".
    """
    with changing(actor, "plan.sign", "person", student_id):
        reader_of(actor, student_id)
        student, party = _party(actor, student_id, signer)
        if not may_sign(actor, student_id, party):
            raise Refused("not_yours")
        reach_student(actor, _SIGNS_WITH[party], student_id)
        why = "" if agrees else text.strip()
        if len(why) > TEXT_LENGTH or not (agrees or why):
            raise Invalid({"text": "too_long" if why else "required"})
        plan = plan_of(student, actor=None)
        signed = {"plan": plan, "signer": signer, "plan_version": plan.version, "person_id": actor.person_id}
        last = Signature.objects.of(actor.school_id).filter(**signed).order_by("-recorded_at").first()
        if last and (last.agrees, last.text) == (agrees, why):
            return
        row = Signature(
            school_id=plan.school_id, **signed, way=SignedBy.PAGE, signed_on=timezone.localdate(), agrees=agrees,
            text=why,
        )  # fmt: skip
        _keep(actor, plan, party, row)


def record_signature(actor: Actor, student_id: UUID, entry: SignatureEntry) -> None:
    """Key in that somebody signed in person or on paper. Never for the student.

    Raises:
        Refused: "learners_own": only the student signs as the student.
        Invalid: signer "unknown"; way "unknown" (by the page is each one's own); name "required" or "too_long";
            signed_on "future".
    """
    with changing(actor, "plan.record_signature", "person", student_id):
        student = reach_student(actor, Act.CHANGE_PLAN, student_id)
        _, party = _party(actor, student_id, entry.signer)
        if party is Voice.LEARNER:
            raise Refused("learners_own")
        errors = {}
        if entry.way not in (SignedBy.IN_PERSON, SignedBy.PAPER):
            errors["way"] = "unknown"
        if not 0 < len(entry.name.strip()) <= NAME_LENGTH:
            errors["name"] = "too_long" if entry.name.strip() else "required"
        if entry.signed_on > timezone.localdate():
            errors["signed_on"] = "future"
        if errors:
            raise Invalid(errors)
        plan = plan_of(student, actor=actor)
        row = Signature(
            school_id=plan.school_id,
            plan=plan,
            signer=entry.signer,
            plan_version=plan.version,
            way=entry.way,
            name=entry.name.strip(),
            signed_on=entry.signed_on,
        )
        _keep(actor, plan, party, row)


def signers(framework: Framework) -> tuple[Signer, ...]:
    """Who signs up: those the framework names; where it only asks for a contract, learner, school and family."""
    if framework.signers or not framework.rules.contract:
        return framework.signers
    return (Signer("learner", "", "learner"), Signer("school", "", "school"), Signer("family", "", "family"))


def voice_of(framework: Framework, signer: Signer) -> Voice:
    """As whom a signer speaks: what their role in the framework acts as."""
    role = named(framework.roles, signer.role)
    acts_as = role.acts_as if role else signer.role
    return _VOICE.get(Role(acts_as), Voice.SCHOOL) if acts_as in set(Role) else Voice.SCHOOL


def parties(actor: Actor, framework: Framework, plan: Plan) -> tuple[Party, ...]:
    """Everybody who signs up to this plan, with their newest signature. One query.

    A guardian is told of their own, and of no other guardian's (T28).
    """
    if not signers(framework):
        return ()
    newest = {}
    rows = Signature.objects.of(plan.school_id).filter(plan=plan).select_related("person", "recorded_by")
    if not may_know_guardians(actor, plan.student_id):
        rows = rows.filter(~Q(voice=Voice.FAMILY) | Q(person_id=actor.person_id))
    for row in rows.order_by("recorded_at"):
        newest[row.signer] = _view(row, plan)
    found = []
    for signer in signers(framework):
        voice = voice_of(framework, signer)
        mine = may_sign(actor, plan.student_id, voice)
        found.append(Party(signer, voice, newest.get(signer.key), mine))
    return tuple(found)


def may_sign(actor: Actor, student_id: UUID, voice: Voice) -> bool:
    """Whether this is the actor's own part to sign. Whether they reach the plan at all, a fetch says."""
    if actor.person_id == student_id or voice is Voice.LEARNER:
        return actor.person_id == student_id and voice is Voice.LEARNER
    if voice is Voice.FAMILY:
        return Role.FAMILY in actor.roles
    if voice is Voice.OTHERS:
        return Role.PROVIDER in actor.roles
    return bool(actor.roles & {Role.TEACHER, Role.KEY_WORKER, Role.SUBJECT_TEACHER, Role.PHASE_LEADER})


def _party(actor: Actor, student_id: UUID, key: str) -> tuple[Person, Voice]:
    student = Person.objects.of(actor.school_id).select_related("school").filter(pk=student_id).first()
    if student is None:
        raise NotFound
    framework = framework_for(student)
    signer = named(signers(framework), key)
    if signer is None:
        raise Invalid({"signer": "unknown"})
    return student, voice_of(framework, signer)


def _keep(actor: Actor, plan: Plan, voice: Voice, row: Signature) -> None:
    row.voice, row.recorded_by_id, row.recorded_at = voice, actor.person_id, timezone.now()
    row.save(force_insert=True)
    audit.record(
        plan.school_id, "plan.signed", "plan", plan.id, actor=actor, about_id=plan.student_id,
        detail={"signer": row.signer, "way": str(row.way), "version": row.plan_version, "agrees": row.agrees},
    )  # fmt: skip


def _view(row: Signature, plan: Plan) -> SignatureView:
    return SignatureView(
        signer=row.signer,
        voice=Voice(row.voice),
        way=SignedBy(row.way),
        name=author_ref(row.person).name if row.person else row.name,
        signed_on=row.signed_on,
        recorded_by=author_ref(row.recorded_by),
        plan_version=row.plan_version,
        current=row.agrees and row.plan_version == plan.version,
        agrees=row.agrees,
        text=row.text,
    )
