"""Whose words something holds, and how somebody put their name to something."""

from enum import StrEnum


class Voice(StrEnum):
    """Whose words a contribution holds (001.22): `others` are agencies, supporters, providers (000.14)."""

    LEARNER = "learner"
    FAMILY = "family"
    SCHOOL = "school"
    OTHERS = "others"


class SignedBy(StrEnum):
    """How somebody signed or agreed: each in their own way."""

    PAGE = "page"  # pressed by themselves
    IN_PERSON = "in_person"
    PAPER = "paper"
