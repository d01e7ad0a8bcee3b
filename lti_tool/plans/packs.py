"""The family's page as paper, for staff to print: the same items by the same choice, and room to answer (T34).

Who may ask the family may print for it. The learner sees each printing beside whoever opened the plan (T44).
"""

from collections.abc import Collection
from uuid import UUID

from . import audit
from .data import Act, Actor, HomePack, HomePage, PersonRef, Reach, Role
from .exceptions import NotFound
from .frameworks.keeping import framework_for
from .home import shared_with_home
from .items import guardians_who_reach
from .models import Person, School
from .naming import author_ref, by_name, student_ref
from .people import learners
from .permissions import asking, students
from .permissions import student as reach_student
from .policy import reach
from .sheets import forms_to_send, sheets_at_home

_FAMILY = frozenset({Role.FAMILY})
_NOBODY = UUID(int=0)  # a guardian the school linked to nobody: told of no guardian's words (T28)


def home_pack(actor: Actor, child_id: UUID, *, reader_id: UUID | None = None) -> HomePack:
    """One child's pack as this guardian reads the page; None: the only one there is, else the family as a whole.

    The family as a whole reads what every guardian reads, and no guardian's own words about a judgement.
    Constant SQL.

    Raises:
        NotFound: the actor may not ask this child's family, or the reader is nobody at home who may have it.
    """
    with asking(actor, "pack.print", "person", child_id):
        child = reach_student(actor, Act.SEND_SHEET, child_id)
        who_read = _people(actor, guardians_who_reach(actor.school_id, child_id))
        who_answer = _people(actor, guardians_who_reach(actor.school_id, child_id, Act.ANSWER_SHEET))
        if reader_id is None and len(who_answer) == 1:
            reader_id = who_answer[0].id
        reader = next((one for one in who_answer if one.id == reader_id), None)
        if reader_id is not None and reader is None:
            raise NotFound
    only_sheets = reader not in who_read if reader else bool(who_answer and not who_read)
    page = HomePage(student_ref(child.id, child.display_name), (), (), (), (), 0)
    if not only_sheets:
        family = Actor(reader.id if reader else _NOBODY, actor.school_id, Role.NONE, appointed=_FAMILY)
        page = shared_with_home(actor, Act.SEND_SHEET, child, family)
    sheets, known = sheets_at_home(actor, child), forms_to_send(framework_for(child))
    out = {sheet.form.key for sheet in sheets if sheet.way is None}
    school = School.objects.get(pk=actor.school_id)
    me = Person.objects.of(actor.school_id).get(pk=actor.person_id)
    pack = HomePack(
        page=page,
        sheets=sheets,
        to_send=tuple(form for form in known if form.audience == "family" and form.key not in out),
        reader=reader,
        readers=who_answer,
        only_sheets=only_sheets,
        links=school.links_on_paper,
        made_by=author_ref(me),
        school=school.name,
        help_name=school.help_name,
        help_phone=school.help_phone,
    )
    audit.record_once(actor, "pack.printed", "person", reader.id if reader else child_id, about_id=child_id)
    return pack


def children_to_print(actor: Actor, *, only: Collection[UUID] | None = None) -> tuple[PersonRef, ...]:
    """Whose packs the actor may print at once, by name: their class, or whoever they look after. One query.

    Raises:
        NotFound: nobody's.
    """
    with asking(actor, "pack.list", "course", actor.course_id or ""):
        rows = students(actor, Act.SEND_SHEET)
    if actor.course_id is not None and reach(actor.role, Act.SEND_SHEET) is Reach.COURSE:
        rows = rows.filter(pk__in=learners(actor.school_id, actor.course_id).values("person_id"))
    found = (student_ref(*row) for row in rows.values_list("id", "display_name"))
    return tuple(sorted((one for one in found if only is None or one.id in only), key=by_name))


def _people(actor: Actor, ids: Collection[UUID]) -> tuple[PersonRef, ...]:
    return tuple(sorted(map(author_ref, Person.objects.of(actor.school_id).filter(pk__in=ids)), key=by_name))
