"""Who somebody is to a student, what they opened and what a line of an item says, in words (T44, T92)."""

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from lti_tool.plans.data import (
    Ending,
    Item,
    NameReason,
    Opening,
    Outcome,
    PersonRef,
    Piece,
    Reader,
    Role,
    Voice,
    Waits,
)

from .wording import ended_words, voice_words


def role_words(role: Role) -> str:
    """What somebody is, said to the student."""
    return {
        Role.LEARNER: _("You"),
        Role.FAMILY: _("Your family"),
        Role.TEACHER: _("A teacher of your class"),
        Role.ASSISTANT: _("An assistant of your class"),
        Role.KEY_WORKER: _("Your key worker"),
        Role.SUBJECT_TEACHER: _("A teacher of one of your subjects"),
        Role.PHASE_LEADER: _("The leader of your part of the school"),
        Role.LEADERSHIP: _("The school’s leaders"),
        Role.ADMINISTRATOR: _("The school office"),
        Role.PROVIDER: _("Somebody outside the school who works with you"),
        Role.NONE: _("Somebody it was shared with"),
    }[role]


def waits_words(waits: Waits) -> str:
    """What learners who have not begun wait for, said to those who see to it."""
    return {
        Waits.PLAN: _("No plan yet"),
        Waits.REVIEW: _("No first review yet"),
        Waits.OVERDUE: _("First review overdue"),
    }[waits]


def person_code(person: PersonRef) -> str:
    """What stands for somebody where an address may hold no name (T80); the office finds them by it."""
    return person.id.hex[-4:]


def sign_words(role: Role) -> str:
    """The same in one or two words, behind a name."""
    return {
        Role.FAMILY: _("family"),
        Role.TEACHER: _("teacher"),
        Role.ASSISTANT: _("assistant"),
        Role.KEY_WORKER: _("key worker"),
        Role.SUBJECT_TEACHER: _("subject teacher"),
        Role.PHASE_LEADER: _("leads your part of the school"),
        Role.LEADERSHIP: _("leads the school"),
        Role.PROVIDER: _("from outside the school"),
    }.get(role, _("school"))


def office_words(role: Role) -> str:
    """The same role, said to grown-ups who give it."""
    return {
        Role.LEARNER: _("Learner"),
        Role.FAMILY: _("Family"),
        Role.TEACHER: _("Class teacher"),
        Role.ASSISTANT: _("Assistant"),
        Role.KEY_WORKER: _("Key worker"),
        Role.SUBJECT_TEACHER: _("Subject teacher"),
        Role.PHASE_LEADER: _("Phase leader"),
        Role.LEADERSHIP: _("Leadership"),
        Role.ADMINISTRATOR: _("Administrator"),
        Role.PROVIDER: _("Outside provider"),
        Role.NONE: _("No role"),
    }[role]


def part_words(opening: Opening) -> str:
    """Which part was opened."""
    parts = {
        "review": _("a review"),
        "target": _("a target"),
        "words": _("words for a review"),
        "log": _("the log"),
        "item": _("something from the portfolio"),
        "portfolio": _("the portfolio"),
        "file": _("a picture or recording"),
        "share": _("what you shared with them"),
        "home": _("the page for the family"),
        "trail": _("the list of everything that happened"),
        "record": _("a copy of the whole record"),
        "needs": _("what is known about you"),
        "plan": _("the plan"),
        "story": _("the story of the plan"),
        "brought": _("what you brought from another school"),
        "pack": _("what is shared with home, to print it for the family"),
        "class": _("the list of the class, to keep a copy"),
    }
    return parts.get(opening.part, _("a part of the plan"))


def reader_words(reader: Reader) -> str:
    """Why somebody can see an item."""
    if reader.purpose:
        return _("You shared it with them: %(purpose)s") % {"purpose": reader.purpose}
    return role_words(reader.role)


def line_words(code: str) -> str:
    """What stands before a line of an item."""
    kind, _colon, name = code.partition(":")
    if kind == "level":
        return name
    if kind == "voice" and name in set(Voice):
        return voice_words(Voice(name))
    if kind == "differs" and name in set(Voice):
        return differs_words(Voice(name))
    if kind == "outcome" and name in set(Ending):
        return ended_words(Outcome(Ending(name)))
    return {
        "success": _("How I will know"),
        "next_step": _("Next step"),
        "goal": _("Long-term goal"),
        "next_steps": _("What we agreed to do next"),
        "about": _("About it"),
    }.get(kind, "")


def differs_words(voice: Voice, *, own: bool = False) -> str:
    """Who sees a judgement differently; `own`: said to the learner."""
    return {
        Voice.LEARNER: _("I see it differently") if own else _("The student sees it differently"),
        Voice.FAMILY: _("The family sees it differently"),
        Voice.SCHOOL: _("Somebody at school sees it differently"),
        Voice.OTHERS: _("Somebody else sees it differently"),
    }[voice]


def item_words(item: Item) -> str:
    """What kind of thing it is."""
    return {
        "target": _("Target"),
        "review": _("Review"),
        "words": _("My words for a review"),
        "log": _("Log entry"),
        "item": _("From my portfolio"),
    }.get(item.kind, _("Part of the plan"))


def item_key(item: Item) -> str:
    """The item as a form's value."""
    return f"{item.kind}:{item.id}"


def report_route(piece: Piece) -> str:
    """Where somebody of the family says that it is not right; nobody reports the family's own words."""
    if piece.item.kind == "words":
        return "" if any(code == "voice:family" for code, _said in piece.lines) else "words-report"
    return {"log": "log-report", "item": "item-report", "review": "review-report"}.get(piece.item.kind, "")


def share_error(code: str) -> str:
    """What to do about a field of the sharing form."""
    return {
        "required": _("Please fill this in."),
        "too_long": _("This is too long. Please make it shorter."),
        "too_many": _("Choose fewer things."),
        "unchecked": _("Other people are in a picture or recording of it. First a teacher has to look at it."),
        "past": _("Choose a day that is still to come."),
        "too_late": _("Choose an earlier day. Your school does not let you share for so long."),
    }.get(code, _("Please check this."))


def office_error(field: str, code: str) -> str:
    """What to do about a field of the office's forms."""
    if field in ("person", "student") and code == "required":
        return _("Choose a person and, beside them, a student.")
    return {
        "own_plan": _("Nobody is staff or family of themselves."),
        "too_wide": _("This role is for one student. Choose the student."),
        "same": _("Choose two accounts."),
        "family": _("One of them is family of the other, so they are two people."),
        "future": _("A first day is today or before."),
        "empty": _("Choose the package first: the .zip file that the other school or the family has."),
        "too_large": _("This package is too large to be brought in."),
        "unreadable": _("This is no package of a learning plan. Choose the .zip file as it was downloaded."),
        "other_format": _("This package was made by another version. Ask the other school for a new one."),
        "broken": _("This package is damaged. Ask the other school for a new one."),
        "past": _("Choose a day that is still to come."),
        "no_own_name": _("This person has written no name of their own."),
    }.get(code) or {
        "year_group": _("A school year is a number from 0 to 15."),
        "ends_on": _("Say until which day: somebody from outside never has access for ever."),
        "answer": _("Write an answer. The person reads it."),
        "reason": _("Choose why the name goes. The student reads it."),
        "sure": _("Tick that you are sure first."),
    }.get(field, _("Please check this."))


def name_reason_words(reason: str) -> str:
    """Why the office took back a name somebody wrote: said to them, and to the office that chooses."""
    return {
        NameReason.HURTFUL: _("The school took back the name you wrote, because it can hurt somebody."),
        NameReason.NOT_THEIRS: _("The school took back the name you wrote, because it is somebody else’s."),
        NameReason.NOT_A_NAME: _("The school took back the name you wrote, because it is not a name."),
        NameReason.ASKED: _("The school took back the name you wrote, because you or your family asked for it."),
    }[NameReason(reason)]


def name_reason_choice(reason: NameReason) -> str:
    """The same, as the office chooses it."""
    return {
        NameReason.HURTFUL: _("It can hurt somebody"),
        NameReason.NOT_THEIRS: _("It is somebody else’s name"),
        NameReason.NOT_A_NAME: _("It is not a name"),
        NameReason.ASKED: _("The student or the family asked for it"),
    }[reason]


def mark_words(why: str) -> str:
    """Why a mark in a gradebook has to be deleted by hand."""
    return {
        "not_there": _("This learning site lets no tool take a mark back."),
        "stands": _("We told the learning site, and it still shows the mark."),
        "unsure": _("The mark may be ours or a teacher’s: we never heard whether ours arrived."),
        "moved": _("The column lies on another server now."),
        "unreadable": _("The learning site answered in a way we cannot read."),
    }.get(why, _("The learning site did not let us."))


def table_words(piece_name: str) -> str:
    """A table of the record, for people. One that has no name of its own is told by its purpose only."""
    return {
        "Person": _("Who you are"),
        "Enrolment": _("Your courses"),
        "Evidence": _("Your scores"),
        "Plan": _("Your plans"),
        "Goal": _("Your long-term goals"),
        "ProgrammePart": _("What you learn, and where"),
        "CurriculumTarget": _("Your targets in subjects"),
        "Target": _("Your targets"),
        "TargetStep": _("Steps towards your targets"),
        "Review": _("Your reviews"),
        "Judgement": _("What people judged"),
        "Contribution": _("What people wrote for your reviews"),
        "Revision": _("What your plan said before"),
        "Statement": _("What is known about you"),
        "Discussion": _("Talks about your plan"),
        "LogEntry": _("Your log"),
        "PortfolioItem": _("Your portfolio"),
        "StoredFile": _("Your pictures and recordings"),
        "Draft": _("Words you have not saved yet"),
        "Share": _("What you shared"),
        "Appointment": _("People who look after you"),
        "PlatformUser": _("Your accounts"),
        "LaunchSession": _("When you opened these pages"),
    }.get(piece_name.rpartition(".")[2], "")


def piece_title(piece: Piece) -> str:
    """What an item is called: its own words, or what it is."""
    if piece.item.kind == "review":
        return _("Review %(number)s") % {"number": piece.title}
    return piece.title or item_words(piece.item)


def piece_choice(piece: Piece) -> str:
    """An item in a list to choose from: what it is, and as much of its words as tells it from the others."""
    words = piece_title(piece) if piece.title else " ".join(text for _label, text in piece.lines)
    if piece.item.kind == "review" or not words:
        return piece_title(piece)
    return f"{item_words(piece.item)}: {Truncator(words).chars(80)}"
