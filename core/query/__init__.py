"""The search: `class:jeans score<0.6 -image:done street` as a value, and which images it finds.

    word            the image's path has this text in it, in any case
    name:value      also with = < <= > >=; several values are given as name:one,other
    -term           turns a term round
    "two words"     a text with blanks, alone or as a value

Terms about instances hold for one and the same instance. Where all of them are turned round, they
hold where no instance is as one of them says.
"""

from core.query.matching import (
    SearchTable,
    finds_path,
    instances_found,
    matches,
    matching_rows,
    table_of,
)
from core.query.parsing import parse
from core.query.terms import FIELDS, FieldKind, FieldSpec, Query, Term

__all__ = [
    "FIELDS",
    "FieldKind",
    "FieldSpec",
    "Query",
    "SearchTable",
    "Term",
    "finds_path",
    "instances_found",
    "matches",
    "matching_rows",
    "parse",
    "table_of",
]
