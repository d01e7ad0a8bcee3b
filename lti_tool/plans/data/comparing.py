"""What plans say of programmes and sites, in figures that show no single child."""

from dataclasses import dataclass

from .planning import Setting


@dataclass(frozen=True, slots=True)
class Compared:
    """One programme or site. Shares are tens of percent from 10 to 90; None: too few learners to tell.

    `name` blank: all that are too small to stand alone. A share of 10 may be less, one of 90 more: nobody is told
    that something holds for everybody or for nobody.
    """

    name: str
    learners: int  # to the last full five; 0: fewer than that
    setting: Setting | None = None  # of a site
    new: bool = False  # in no plan before this school year
    certificate: int | None = None
    reached: int | None = None  # of targets that ended or go on
    dropped: int | None = None
    learners_see: int | None = None  # of their views, how many are in the upper half of the scale
    families_see: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """By programme and by site, the larger first."""

    programmes: tuple[Compared, ...]
    sites: tuple[Compared, ...]
    least: int  # learners a line and each of its figures rest on
