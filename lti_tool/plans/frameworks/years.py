"""What a framework asks in one school year: its areas and sections are narrowed to the student's year (000.7)."""

from collections.abc import Collection
from dataclasses import replace

from .data import Area, Framework, Section, Transition, YearBand


def in_year(
    framework: Framework, year_group: int | None, *, areas: Collection[str] = (), answered: Collection[str] = ()
) -> Framework:
    """The framework without the areas and sections of other school years.

    A year nobody told narrows nothing. `areas` are the keys of areas that something stands in, `answered` the
    "section.field" keys that hold an answer: what stands stays in sight when a student moves on.
    """
    if year_group is None:
        return framework
    sections = {key.partition(".")[0] for key in answered}

    def asked(part: Area | Section, standing: Collection[str]) -> bool:
        return part.years is None or year_group in part.years or part.key in standing

    return replace(
        framework,
        areas=tuple(area for area in framework.areas if asked(area, areas)),
        needs=tuple(section for section in framework.needs if asked(section, sections)),
        plan_sections=tuple(section for section in framework.plan_sections if asked(section, sections)),
    )


def band_of(framework: Framework, year_group: int | None) -> YearBand | None:
    """What plans put first in this school year."""
    if year_group is None:
        return None
    return next((band for band in framework.year_bands if year_group in band.years), None)


def moves_of(framework: Framework, year_group: int | None) -> tuple[Transition, ...]:
    """The moves this school year lies before or after (002.19, 003.10)."""
    if year_group is None:
        return ()
    return tuple(move for move in framework.transitions if year_group in {move.from_year, move.to_year})
