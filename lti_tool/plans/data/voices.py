"""Whose words something holds."""

from enum import StrEnum


class Voice(StrEnum):
    """Whose words a contribution holds (001.22): `others` are agencies, supporters, providers (000.14)."""

    LEARNER = "learner"
    FAMILY = "family"
    SCHOOL = "school"
    OTHERS = "others"
