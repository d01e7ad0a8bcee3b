"""The written form of the school year: its terms, what is due when, and what leaders and records need."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from . import around, data, when
from .parts import Key, Line, Part, Ref, Shown, Words, may, say

DAYS_IN = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
Month = Annotated[int, Field(ge=1, le=12)]
Day = Annotated[int, Field(ge=1, le=31)]


def _check_day(month: int, day: int) -> None:
    if day > DAYS_IN[month - 1]:
        raise PydanticCustomError("no_such_day", "month {month} has no day {day}", {"month": month, "day": day})


class ChoicePart(Part):
    """A named thing in a list."""

    makes = data.Choice
    key: Key = say("Its name in the database; never changes.")
    name: Line = say("What people read.")
    about: Words = may("", "A sentence more.")


class YearsPart(Part):
    """School years, both ends counted. Leave one out for an open end."""

    model_config = ConfigDict(validate_by_name=False, validate_by_alias=True)
    makes = when.Years
    first: Annotated[int, Field(ge=0, le=20)] | None = may(
        None, "The first year; 0 is the year before Year 1.", alias="from"
    )
    last: Annotated[int, Field(ge=0, le=20)] | None = may(None, "The last year.", alias="to")


class DayPart(Part):
    """A day of any year."""

    makes = when.DayOfYear
    month: Month = say("1 to 12.")
    day: Day = say("1 to 31.")

    @model_validator(mode="after")
    def _real(self) -> Self:
        _check_day(self.month, self.day)
        return self


class TermPart(Part):
    """A term, half term, quarter or semester. A school sets its own days."""

    makes = when.Term
    key: Key = say("Its name in the database.")
    name: Line = say("What people call it.")
    starts: DayPart = say("Its first day.")
    ends: DayPart = say("Its last day.")


class SchoolYearPart(Part):
    makes = when.SchoolYear
    starts: DayPart = say("The day the school year begins.")
    terms: tuple[TermPart, ...] = may((), "Its parts; they may overlap.", max_length=20)


class WhenPart(Part):
    """When something is due, in one of three ways: `month` and `day`; `term` (and `edge`); or `after` something."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["month", "day"]}, {"required": ["term"]}, {"required": ["after"]}]}
    )
    month: Month | None = may(None, "With `day`: the same day each year.")
    day: Day | None = may(None, "With `month`.")
    term: Key | None = may(None, "A term of `school_year`.")
    edge: Literal["start", "end"] | None = may(None, "With `term`: its first or its last day (end, if left out).")
    after: when.Happening | None = may(None, "What happens to the learner; `weeks` or `days` later it is due.")
    weeks: Annotated[int, Field(ge=0, le=104)] | None = may(None, "With `after`.")
    days: Annotated[int, Field(ge=0, le=730)] | None = may(None, "With `after`.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self._group() not in (
            {"month", "day"}, {"term"}, {"term", "edge"}, {"after"}, {"after", "weeks"}, {"after", "days"},
        ):  # fmt: skip
            raise PydanticCustomError("when", "this names no day, or more than one")
        if self.month and self.day:
            _check_day(self.month, self.day)
        return self

    def _group(self) -> set[str]:
        return {name for name in type(self).model_fields if getattr(self, name) is not None}

    def made(self) -> Any:
        if self.month and self.day:
            return when.OnDay(self.month, self.day)
        if self.term:
            return when.InTerm(self.term, self.edge or "end")
        return when.After(self.after or when.Happening.YEAR_START, (self.weeks or 0) * 7 + (self.days or 0))


class DocumentPart(Part):
    makes = around.Document
    key: Key = say("Its name in the database.")
    title: Line = say("Its title.")
    kind: Literal["policy", "guide", "law", "research", "system", "model", "unit"] = may("policy", "What it is.")
    about: Words = may("", "What it is for.")


class EligibilityPart(Part):
    makes = around.Eligibility
    key: Key = say("Its name in the database; the kind of enrolment.")
    name: Line = say("Which learners.")
    need: Literal["always", "where_appropriate"] = may("always", "Whether each of them is to have a plan.")
    applies_to: YearsPart | None = may(None, "Only in these school years.")


class OversightPart(Part):
    makes = around.Oversight
    key: Key = say("Its name in the database.")
    name: Line = say("What is done.")
    kind: Literal[
        "check", "moderation", "audit", "analysis", "procedure", "report", "observation", "feedback", "sampling"
    ] = say("What it is.")
    about: Words = may("", "How.")
    by: Ref = may("", "The role that does it (one of `roles`).")
    times_a_year: Annotated[int, Field(ge=1, le=53)] | None = may(None, "How often.")
    due: WhenPart | None = may(None, "When.")
    other_schools: bool = may(False, "Whether other schools take part.")


class PaperPart(Part):
    makes = around.Paper
    key: Key = say("Its name in the database.")
    name: Line = say("Its heading.")
    prints: Literal["plan", "sheet", "review_grid"] = say("What is on it.")
    about: Words = may("", "How it is used.")
    form: Ref = may("", "The sheet it prints (one of `sheets`).")
    copies: tuple[ChoicePart, ...] = may((), "For whom one is printed.", max_length=10)
    columns: tuple[ChoicePart, ...] = may((), "Of a grid: what else it has.", max_length=20)
    areas: tuple[Key, ...] = may((), "Of a grid: the areas it has a column for.", max_length=20)
    review_kinds: tuple[Key, ...] = may((), "Of a grid: the reviews it has columns for.", max_length=10)


class ChecklistSectionPart(Part):
    makes = around.ChecklistSection
    key: Key = say("Its name in the database.")
    title: Line = say("Its heading.")
    about: Words = may("", "How to read its lines.")
    lines: tuple[ChoicePart, ...] = say("What to ask.", min_length=1, max_length=60)


class ChecklistPart(Part):
    makes = around.Checklist
    key: Key = say("Its name in the database.")
    title: Line = say("Its heading.")
    about: Words = may("", "What it is for.")
    answers: tuple[ChoicePart, ...] = may((), "What can be answered to each line.", max_length=10)
    sections: tuple[ChecklistSectionPart, ...] = say("Its parts.", min_length=1, max_length=20)


class TagSetPart(Part):
    makes = around.TagSet
    key: Key = say("Its name in the database.")
    name: Line = say("The outside scheme.")
    about: Words = may("", "What marking with it is for.")
    tags: tuple[ChoicePart, ...] = say("Its names.", min_length=1, max_length=60)
    every_plan: bool = may(False, "Whether each plan stands under all of them, and says so.")


Texts = Annotated[tuple[Line, ...], Field(max_length=20), Shown()]
