"""The written form of a framework: what the YAML may hold, word by word. docs/frameworks.md is made of this."""

from typing import Annotated, Any, Literal

from pydantic import Field

from lti_tool.glossary_words import WORDS

from . import around, data
from .parts import Key, Line, Part, Ref, Term, Words, made, may, say
from .schema_around import (
    ChecklistPart,
    ChoicePart,
    DayPart,
    DocumentPart,
    EligibilityPart,
    OversightPart,
    PaperPart,
    SchoolYearPart,
    TagSetPart,
    Texts,
    WhenPart,
    YearsPart,
)

Voice = Literal["learner", "family", "school", "others"]
Voices = Annotated[tuple[Voice, ...], Field(max_length=4)]
Year = Annotated[int, Field(ge=0, le=20)]
Quarter = Annotated[int, Field(ge=1, le=4)]
Percent = Annotated[float, Field(ge=0, le=100)]
Role = Literal[
    "learner", "family", "teacher", "assistant", "key_worker", "subject_teacher", "phase_leader", "leadership",
    "administrator", "provider", "none",
]  # fmt: skip
_KEY = "Its name in the database; never changes."


class WordsPart(Part):
    """What this school calls things. Left out: the tool's own word."""

    learner: Line | None = may(None, "Who learns.")
    teacher: Line | None = may(None, "Class staff.")
    key_worker: Line | None = may(None, "The one adult who leads a learner’s plan.")
    family: Line | None = may(None, "Parents, carers, whānau.")
    phase_leader: Line | None = may(None, "Who checks written targets.")
    leadership: Line | None = may(None, "School leaders.")
    provider: Line | None = may(None, "Others who teach or support the learner.")
    school: Line | None = may(None, "The school.")
    plan: Line | None = may(None, "The plan.")
    goal: Line | None = may(None, "A long-term goal.")
    target: Line | None = may(None, "A short-term target.")
    area: Line | None = may(None, "An area of targets.")
    review: Line | None = may(None, "A review.")
    judgement: Line | None = may(None, "What a review says of a target.")
    log: Line | None = may(None, "The learner’s own log.")
    portfolio: Line | None = may(None, "The collection of evidence.")
    contract: Line | None = may(None, "The agreement people sign up to.")

    def made(self) -> Any:
        return self.model_dump(exclude_none=True)

    def texts(self) -> Any:
        yield from self.made().values()


OneAndMany = Annotated[tuple[Term, ...], Field(min_length=2, max_length=2)]


class TermsPart(Part):
    """The same within sentences, on English pages about one plan. A school's own words go before them."""

    learner: OneAndMany = may((), "Who learns: one and many, as in `[pupil, pupils]`.")
    family: OneAndMany = may((), "A family.")
    teacher: OneAndMany = may((), "A teacher.")
    key_worker: OneAndMany = may((), "A key worker.")
    target: OneAndMany = may((), "A target.")
    review: OneAndMany = may((), "A review.")
    plan: OneAndMany = may((), "A plan.")

    def made(self) -> Any:
        given = ((places, getattr(self, term)) for term, places in WORDS["en"].items())
        return tuple((place[0], said) for places, forms in given for place, said in zip(places, forms, strict=False))

    def texts(self) -> Any:
        yield from ()  # what stands in sentences of one language has no translation


class RolePart(Part):
    makes = data.RoleName
    key: Key = say(_KEY)
    name: Line = say("What this school calls it.")
    acts_as: Role = say("The rights it has; `none`: it is named in the plan and sees nothing.")
    about: Words = may("", "What it does.")


class FieldPart(Part):
    makes = data.Field
    key: Key = say(_KEY)
    label: Line = say("Its name on the page.")
    prompt: Words = may("", "What helps people to answer.")
    kind: data.FieldKind = may(data.FieldKind.TEXT, "How it is answered.")
    choices: tuple[ChoicePart, ...] = may((), "Of `choice` and `choices`: what can be picked.", max_length=60)
    sensitivity: data.Sensitivity = say("Who may see the answer; every field says so.")
    filled_by: Voices = may(("learner", "school"), "Whose answer it holds.", min_length=1)
    required: bool = may(False, "Whether it must be answered.")
    area: Ref = may("", "The area the answer speaks of.")


Fields = Annotated[tuple[FieldPart, ...], Field(max_length=60)]


class AreaPart(Part):
    makes = data.Area
    key: Key = say(_KEY)
    name: Line = say("What people read.")
    prompt: Words = may("", "What helps people to think of a target.")
    examples: Texts = may((), "Examples, as forms print them.")
    optional: bool = may(False, "Whether a plan may do without targets here.")
    short: Annotated[str, Field(max_length=3)] = may("", "Its letters on paper.")
    years: YearsPart | None = may(None, "Only in these school years.")


class LevelPart(Part):
    makes = data.LevelDef
    key: Key = say(_KEY)
    name: Line = say("What people read.")
    meaning: Words = may("", "When it is the right one.")
    shape: Literal["seed", "leaf", "star", "circle", "half", "full", "square", "triangle"] = may(
        "circle", "The sign beside the words; each level its own."
    )


class SuggestsPart(Part):
    level: Key = say("A level of this scale.")
    from_percent: Percent = say("From which mean percentage on the figures suggest it.")

    def made(self) -> Any:
        return (self.level, float(self.from_percent))


class ScalePart(Part):
    makes = data.Scale
    key: Key = say(_KEY)
    name: Line = say("What people call it.")
    levels: tuple[LevelPart, ...] = say("Lowest first.", min_length=2, max_length=12)
    suggests: tuple[SuggestsPart, ...] = may(
        (), "What figures suggest. People judge, figures never do.", max_length=12
    )

    def made(self) -> Any:
        levels = tuple(level.made() for level in self.levels)
        suggests = data.Suggests(tuple(each.made() for each in self.suggests)) if self.suggests else None
        return data.Scale(self.key, self.name, levels, suggests)


class TargetTypePart(Part):
    makes = data.TargetType
    key: Key = say(_KEY)
    name: Line = say("What people read.")
    about: Words = may("", "For which learners and targets.")
    measurable: bool = may(True, "False: nothing ever asks for a number.")
    fields: Fields = may((), "What is asked of such a target besides `target_fields`.")


class QuestionPart(Part):
    makes = data.Question
    key: Key = say(_KEY)
    text: Line = say("The question, in the learner’s words.")
    stage: data.Stage = may(data.Stage.NEEDS, "When it is asked.")


class SectionPart(Part):
    makes = data.Section
    key: Key = say(_KEY)
    title: Line = say("Its heading.")
    stage: data.Stage = may(data.Stage.NEEDS, "When it is filled in.")
    about: Words = may("", "What it is for.")
    fields: Fields = say("What it asks.", min_length=1)
    years: YearsPart | None = may(None, "Only in these school years.")


class FormPart(Part):
    makes = data.Form
    key: Key = say(_KEY)
    title: Line = say("Its heading.")
    audience: Literal["learner", "family", "staff", "provider"] = may("family", "Who answers.")
    about: Words = may("", "What it says before it asks.")
    fields: Fields = say("What it asks.", min_length=1)
    reply_to: Ref = may("", "The role it goes back to (one of `roles`).")


class ReviewKindPart(Part):
    makes = data.ReviewKind
    key: Key = say(_KEY)
    name: Line = say("What people call it.")
    about: Words = may("", "What it is for.")
    preparation: Fields = may((), "What the learner thinks about first.")
    fields: Fields = may((), "What the review writes down.")
    voices: Voices = may(("learner", "family", "school"), "Whose views stand side by side.", min_length=1)
    judges: Literal["targets", "areas", "both", "none"] = may("targets", "What is judged.")
    scale: Ref = may("", "The scale it judges on.")
    both_evidence_kinds: bool = may(False, "Whether it asks for numbers as well as words.")
    learner_first: bool = may(True, "Whether it begins with the learner’s part.")
    may_change_targets: bool = may(True, "Whether targets may be changed in it.")
    unplanned: bool = may(False, "Whether it can be held at any time.")


class CadencePart(Part):
    makes = data.Cadence
    key: Key = say(_KEY)
    name: Line = say("What people read.")
    weeks: Annotated[int, Field(ge=1, le=104)] | None = may(None, "Every so many weeks.")
    every: Literal["", "half_term", "term", "half_year", "quarter", "year"] = may("", "Or once in each of these.")
    minimum: bool = may(False, "Whether reviews may come more often, but not less.")


class CalendarPart(Part):
    makes = data.CalendarItem
    key: Key = say(_KEY)
    name: Line = say("What is to be done.")
    about: Words = may("", "How.")
    opens: WhenPart | None = may(None, "From when on.")
    due: WhenPart = say("Until when.")
    review_kind: Ref = may("", "The review it brings round.")
    form: Ref = may("", "Or the sheet.")
    record: Ref = may("", "Or the record.")
    by: Ref = may("", "The role that sees to it (one of `roles`).")
    learners: Literal["all", "new", "returning"] = may("all", "For whom.")
    applies_to: YearsPart | None = may(None, "Only in these school years.")


class LogPart(Part):
    makes = data.LogRules
    name: Words = may("", "What it is called.")
    about: Words = may("", "What it is for.")
    forms: tuple[ChoicePart, ...] = may((), "The forms it may take.", max_length=20)
    prompts: Fields = may((), "What it asks.")
    filed_at_review: bool = may(False, "Whether a block of it is filed with each review.")


class EvidenceKindPart(Part):
    makes = data.EvidenceKind
    key: Key = say(_KEY)
    name: Line = say("What people read.")
    about: Words = may("", "A sentence more.")
    nature: Literal["qualitative", "quantitative", "either"] = may("either", "Words, numbers, or either.")
    from_home: bool = may(False, "Whether families send it too.")


class SignerPart(Part):
    makes = data.Signer
    key: Key = say(_KEY)
    name: Line = say("What they sign as.")
    role: Key = say("One of `roles`.")
    required: bool = may(True, "Whether the agreement waits for them.")
    about: Words = may("", "What they promise.")


class YearBandPart(Part):
    makes = data.YearBand
    key: Key = say(_KEY)
    name: Line = say("What people call it.")
    years: YearsPart = say("Which school years.")
    focus: tuple[ChoicePart, ...] = may((), "What plans put first there.", max_length=20)


class TransitionPart(Part):
    makes = data.Transition
    key: Key = say(_KEY)
    name: Line = say("The move.")
    from_year: Year | None = may(None, "The year before it.")
    to_year: Year | None = may(None, "The year after it.")
    focus: tuple[ChoicePart, ...] = may((), "What to look at.", max_length=20)


class RulesPart(Part):
    """What must hold. Left out: the framework does not ask for it."""

    makes = data.Rules
    career_goal_from_year: Year | None = may(None, "From this year on a plan has a career or planning goal.")
    quality_check_before_family: bool = may(False, "Targets are checked before a family receives them.")
    quality_checker_role: Ref = may("", "Who checks (one of `roles`).")
    both_evidence_kinds: bool = may(False, "A judgement asks for words and numbers.")
    agreed_by: Voices = may(("learner", "school"), "With whom a judgement is discussed before it is agreed.")
    written_with: Annotated[tuple[Voice, ...], Field(max_length=4)] = may(
        (), "Who takes part in a talk before the year’s plan is whole."
    )
    clone_warning: bool = may(True, "Warn when targets repeat across a class.")
    log_block_weeks: Annotated[int, Field(ge=1, le=53)] | None = may(None, "Weeks a block of the log covers.")
    contract: bool = may(False, "The plan is an agreement people sign up to.")
    goals_need_targets: bool = may(False, "Each long-term goal has short-term targets as its stepping stones.")
    annual_targets: bool = may(False, "The plan shows the year’s curriculum targets.")
    linked_activities: bool = may(True, "Targets can be linked to activities of courses.")
    learner_grants_access: bool = may(False, "The learner says who else may look.")
    needs_within_weeks: Annotated[int, Field(ge=1, le=53)] | None = may(None, "Needs are known so soon after entry.")
    named_leads: bool = may(False, "Who leads what is said by name in each plan.")
    reviews_per_year: Annotated[int, Field(ge=1, le=53)] | None = may(None, "At least so many reviews a year.")
    cadence: Ref = may("", "How often reviews come round (one of `cadences`).")
    carries_over: bool = may(False, "What one year ends with begins the next.")


class RecordPart(Part):
    makes = around.RequiredRecord
    key: Key = say(_KEY)
    name: Line = say("What people call it.")
    kind: Literal["note", "call", "plan", "summary", "document"] = say("What it is.")
    about: Words = may("", "What belongs in it.")
    about_school: bool = may(False, "One for the school, not one for each learner.")
    fields: Fields = may((), "What it asks.")
    actions: tuple[ChoicePart, ...] = may((), "Kinds of action it tells of.", max_length=60)
    required_from: tuple[Quarter, ...] = may((), "Quarters of enrolment it is asked of.", max_length=4)
    optional_from: tuple[Quarter, ...] = may((), "Quarters of enrolment it is open to.", max_length=4)
    at_least: Annotated[int, Field(ge=0, le=100)] = may(1, "How many.")
    by: Ref = may("", "The role that writes it (one of `roles`).")
    attempts: Annotated[int, Field(ge=0, le=100)] = may(0, "Attempts to reach somebody before giving up.")
    unsuccessful: Words = may("", "What stands instead when nobody was reached.")
    template: Words = may("", "Its name where it is filed.")
    filed_in: Words = may("", "Where it is filed.")
    approved_by: Ref = may("", "The role that approves its wording (one of `roles`).")
    carries_over: bool = may(False, "Whether the next year begins with it.")
    applies_to: YearsPart | None = may(None, "Only in these school years.")


class FrameworkPart(Part):
    """A whole framework, its base taken in."""

    makes = data.Framework
    format: Literal[1] = say("The number of this format: 1.")
    key: Key = say("Its name in the database; a copy has its own.")
    name: Line = say("What people call it.")
    about: Words = may("", "Whose plan it is, in a sentence.")
    source: Words = may("", "Where it comes from.")
    words: WordsPart = may(WordsPart(), "What this school calls things.")
    terms: TermsPart = may(TermsPart(), "How sentences say it.")
    roles: tuple[RolePart, ...] = may((), "Who takes part.", max_length=40)
    areas: tuple[AreaPart, ...] = say("The areas targets are set in.", min_length=1, max_length=40)
    scales: tuple[ScalePart, ...] = say("What reviews judge on.", min_length=1, max_length=10)
    target_types: tuple[TargetTypePart, ...] = say("Ways to write a target.", min_length=1, max_length=20)
    target_fields: Fields = may((), "What is asked of every target.")
    questions: tuple[QuestionPart, ...] = may((), "Headline questions.", max_length=60)
    sources: tuple[ChoicePart, ...] = may((), "Where what is known of a learner comes from.", max_length=60)
    needs: tuple[SectionPart, ...] = may((), "Stage 1: what is found out first.", max_length=40)
    plan_sections: tuple[SectionPart, ...] = may((), "Stage 2: what the plan says besides targets.", max_length=40)
    sheets: tuple[FormPart, ...] = may((), "Sheets people answer.", max_length=40)
    review_kinds: tuple[ReviewKindPart, ...] = say("Stage 3: the kinds of review.", min_length=1, max_length=20)
    cadences: tuple[CadencePart, ...] = may((), "How often reviews may come round.", max_length=20)
    school_year: SchoolYearPart = may(SchoolYearPart(starts=DayPart(month=8, day=1)), "Its first day and its parts.")
    calendar: tuple[CalendarPart, ...] = may((), "What the year brings round.", max_length=100)
    log: LogPart = may(LogPart(), "The learner’s own log.")
    evidence_kinds: tuple[EvidenceKindPart, ...] = may((), "What the portfolio holds.", max_length=40)
    contexts: tuple[ChoicePart, ...] = may((), "Where a target is to be shown.", max_length=40)
    signers: tuple[SignerPart, ...] = may((), "Who signs up to the plan.", max_length=20)
    life_events: tuple[ChoicePart, ...] = may((), "Events that ask for a new look at the plan.", max_length=40)
    rules: RulesPart = may(RulesPart(), "What must hold.")
    year_bands: tuple[YearBandPart, ...] = may((), "What plans put first in some years.", max_length=20)
    transitions: tuple[TransitionPart, ...] = may((), "Moves that ask for a new look.", max_length=20)
    records: tuple[RecordPart, ...] = may((), "Records to keep.", max_length=60)
    eligibility: tuple[EligibilityPart, ...] = may((), "Whose plan is asked for.", max_length=20)
    oversight: tuple[OversightPart, ...] = may((), "What leaders do about quality.", max_length=40)
    papers: tuple[PaperPart, ...] = may((), "Printed forms.", max_length=20)
    checklists: tuple[ChecklistPart, ...] = may((), "Lines an organisation asks itself.", max_length=10)
    tag_sets: tuple[TagSetPart, ...] = may((), "Outside schemes to mark things with.", max_length=20)
    library: tuple[DocumentPart, ...] = may((), "Documents the school works by.", max_length=60)
    indicators: tuple[ChoicePart, ...] = may((), "Signs that plans do good.", max_length=40)

    def made(self, version: int = 0) -> data.Framework:
        parts: dict[str, Any] = {name: made(getattr(self, name)) for name in type(self).model_fields}
        return data.Framework(version=version, **{name: part for name, part in parts.items() if name != "format"})
