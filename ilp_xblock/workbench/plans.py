"""The demo school's existing plans, as a school hands them over: `ilp-tool import_plans` reads them (see its help).

Students and staff are named by their ids on this LMS, activities by their ids in the course.
"""

from datetime import UTC, date, datetime, timedelta

# By learner: goals, own words, targets (wording, success, next step, goal's place, activities' places in the course).
WRITTEN = {
    "u1001": {
        "goals": ["Study to become a paramedic"],
        "own_words": "I get speed questions right when I draw the triangle. I want more time for investigations.",
        "targets": [
            (
                "Work out speed, distance or time without help",
                "Three questions of each kind right in a row",
                "Draw the formula triangle, then name what is asked",
                0,
                (0, 1),
            ),
            (
                "Plan a fair test and say what stays the same",
                "A written plan that names all three kinds of variable",
                "Fill in the planning sheet before touching the ramp",
                0,
                (2,),
            ),
            ("Name the parts of a cell and what each does", "A labelled drawing from memory", "", 0, (3, 4)),
        ],
        "judgements": ["expected", "emerging", None],
    },
    "u1002": {
        "goals": ["Join the school's robotics team"],
        "own_words": "",
        "targets": [
            (
                "Tell whether forces are balanced in a picture",
                "Arrows drawn the right length in four of five pictures",
                "Say which force is larger before choosing an answer",
                0,
                (0,),
            ),
            ("Finish each quiz, also when unsure", "No quiz left open at the end of a unit", "", None, (2, 3, 4)),
        ],
        "judgements": ["emerging", "emerging"],
    },
    "u1003": {
        "goals": ["Enter the regional science fair"],
        "own_words": "I would like a harder investigation.",
        "targets": [
            (
                "Explain results with the words of the topic",
                "A conclusion that uses friction, force and balanced",
                "Underline the key words in the conclusion",
                0,
                (1, 2),
            ),
        ],
        "judgements": ["exceeded"],
    },
    "u1004": {
        "goals": ["Read science texts without a translator"],
        "own_words": "The words are hard, the sums are fine.",
        "targets": [
            (
                "Use ten new science words in my own sentences",
                "Ten sentences in the word book, read by the teacher",
                "Two words a week, with a picture each",
                0,
                (0, 1, 3),
            ),
        ],
        "judgements": ["emerging"],
    },
    "u1006": {
        "goals": ["Catch up after the weeks in hospital"],
        "own_words": "",
        "targets": [
            ("Do the activities I missed in Forces", "All three have a score", "One each Tuesday", 0, (0, 1, 2)),
        ],
        "judgements": [None],
    },
    "u1007": {
        "goals": [],
        "own_words": "",
        "targets": [
            ("Check units before handing in", "Every answer has its unit", "Read the question twice", None, (1, 2)),
        ],
        "judgements": ["expected"],
    },
}
COMMENTS = {
    "emerging": "A start is made: with a hint it goes well, alone not yet.",
    "expected": "Goes well alone in most lessons. Keep going.",
    "exceeded": "Does this with ease and helps others.",
}
REVIEW_DUE_DAYS = {"u1001": 3, "u1002": -4, "u1003": 20, "u1004": -1, "u1006": 12, "u1007": 30}
SINCE_LAST_REVIEW = timedelta(days=42)


def written_plans(connection: dict, course: dict, *, now: datetime | None = None) -> dict:
    """The hand-over file's content for the course as `describe_courses` gives it."""
    now = now or datetime.now(UTC)
    teacher = next(person["sub"] for person in course["people"] if person["roles"][0].endswith("#Instructor"))
    return {name: connection[name] for name in ("issuer", "client_id", "deployment_id")} | {
        "context_id": course["id"],
        "plans": [_plan(sub, written, course, teacher, now) for sub, written in WRITTEN.items()],
    }


def _plan(sub: str, written: dict, course: dict, teacher: str, now: datetime) -> dict:
    today = now.date()
    return {
        "student": sub,
        "year": _school_year(today),
        "goals": written["goals"],
        "review_due_on": (today + timedelta(days=REVIEW_DUE_DAYS[sub])).isoformat(),
        "own_words": written["own_words"],
        "targets": [_target(target, written["goals"], course, today) for target in written["targets"]],
        "review": {
            "closed_at": (now - SINCE_LAST_REVIEW).isoformat(),
            "by": teacher,
            "next_steps": "Look at the targets again before the end of term.",
            "judgements": [
                {"target": place, "level": level, "comment": COMMENTS[level], "by": teacher}
                for place, level in enumerate(written["judgements"])
                if level
            ],
        },
    }


def _target(target: tuple, goals: list[str], course: dict, today: date) -> dict:
    wording, success, next_step, goal, places = target
    activities = [course["activities"][place] for place in places]
    return {
        "wording": wording,
        "success": success,
        "next_step": next_step,
        "goal": goals[goal] if goal is not None else "",
        "due_on": (today + timedelta(days=28)).isoformat(),
        "activities": [
            {"external_id": a["id"], "label": a["label"], "score_maximum": a["score_maximum"]} for a in activities
        ],
    }


def _school_year(today: date) -> int:
    """The calendar year in which the school year began: it turns in August."""
    return today.year if today.month >= 8 else today.year - 1
