"""What a school settles for itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SchoolRules:
    """A school's own rules on sharing, keeping and reviewing."""

    learners_share: bool  # learners may share items with named staff
    share_days: int  # the longest a share may last
    learners_end_providers: bool  # learners may end an outside provider's access themselves
    readers_named: bool  # "who opened my plan" tells names, not only roles (T44)
    links_on_paper: bool  # a one-time link to a sheet may be printed in what goes home (T13)
    keep_years: int  # a plan, after its student left every course
    keep_restricted_years: int  # the restricted fields of it
    review_every_days: int
    year_starts_month: int  # 1 to 12
    emerging_below: float  # percent; what a suggestion calls a beginning
    exceeded_from: float  # percent; what it calls more than expected
