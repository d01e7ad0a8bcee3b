"""Rows that belong to a school, and the guard that no query forgets which (T7)."""

import uuid
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import sql
from django.db.models.expressions import Col
from django.db.models.lookups import Exact, In
from django.db.models.sql.where import AND, WhereNode
from django.utils import timezone

from lti_tool.sealing import owned

from ..exceptions import UnscopedQuery

Row = TypeVar("Row", bound=models.Model, covariant=True)


def _names_school(node: WhereNode, model: type[models.Model]) -> bool:
    """Whether every row the condition lets through is of a named school: an AND branch on `school` itself."""
    if node.negated or node.connector != AND:
        return False
    for child in node.children:
        if isinstance(child, WhereNode):
            if _names_school(child, model):
                return True
        elif isinstance(child, (Exact, In)) and isinstance(child.lhs, Col):
            column = child.lhs.target
            if column.name == "school" and column.model._meta.concrete_model is model._meta.concrete_model:
                return True
    return False


def _school_of(node: WhereNode) -> Any:
    """The one school the condition names; None where it names several."""
    for child in node.children if node.connector == AND else ():
        if isinstance(child, Exact) and isinstance(child.lhs, Col) and child.lhs.target.name == "school":
            return child.rhs
        found = _school_of(child) if isinstance(child, WhereNode) and not child.negated else None
        if found is not None:
            return found
    return None


class SchoolQuery(sql.Query):
    """Refuses to become SQL before it names a school, as a whole query and as a subquery."""

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        if not self.is_empty() and not _names_school(self.where, self.model):  # type: ignore[arg-type]
            raise UnscopedQuery(f"{self.model.__name__}: no school named")  # type: ignore[union-attr]
        return super().get_compiler(*args, **kwargs)


class SchoolQuerySet(models.QuerySet[Row]):
    """Reads, counts, updates and deletes only within a named school. Inserting names it by the row."""

    def __init__(self, model: Any = None, query: Any = None, using: Any = None, hints: Any = None) -> None:
        super().__init__(model, query or SchoolQuery(model), using, hints)

    def _guard(self) -> None:
        if not self.query.is_empty() and not _names_school(self.query.where, self.model):
            raise UnscopedQuery(f"{self.model.__name__}: no school named")

    # Django turns these into other query classes, which know nothing of the guard.
    def update(self, **kwargs: Any) -> int:
        self._guard()
        return super().update(**owned(self.model, _school_of(self.query.where), kwargs))

    def delete(self) -> tuple[int, dict[str, int]]:
        self._guard()
        return super().delete()

    def of(self, school_id: uuid.UUID) -> Self:
        """The rows of this school: how every query begins."""
        return self.filter(school_id=school_id)


class SchoolManager(models.Manager[Row]):
    """The default way to a school's rows."""

    def get_queryset(self) -> SchoolQuerySet[Row]:
        return SchoolQuerySet(self.model, using=self._db)

    def of(self, school_id: uuid.UUID) -> SchoolQuerySet[Row]:
        """The rows of this school: how every query begins."""
        return self.get_queryset().of(school_id)


class SchoolOwned(models.Model):
    """Abstract: every row names its school, so that one tenant can never read another's by a forgotten join."""

    school = models.ForeignKey("ilp_plans.School", on_delete=models.CASCADE, related_name="+")

    objects = SchoolManager()

    class Meta:
        abstract = True

    def __repr__(self) -> str:  # ids only: names and words must never reach a log (T76)
        return f"<{type(self).__name__} {self.pk}>"

    def __str__(self) -> str:
        return repr(self)


class Imported(models.Model):
    """Abstract: a row an LMS told of, with where it came from and when (T19)."""

    source = models.CharField(max_length=16, default="lms")  # "launch", "roster", "ags", ...
    received_at = models.DateTimeField(default=timezone.now)  # when what stands now was told

    class Meta:
        abstract = True


class PublicRow(SchoolOwned):
    """Abstract: a row whose id appears in URLs, hence unguessable."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True
