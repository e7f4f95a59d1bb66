"""Tables of a build that are made of its other tables, for the questions that are asked of it.

A place is a row's in the order of its table's contract, in which it is written, counted from 0.
"""

from collections.abc import Iterable, Mapping

from filmkin.catalogue import (
    DETAILS,
    FILM_DOCUMENTS,
    FILMS,
    FOLDED,
    NEIGHBOURS,
    PEOPLE,
    TOLD_DETAILS,
    WORDS,
    Column,
    Table,
)


def _place(table: Table) -> str:
    return f"(row_number() OVER (ORDER BY {', '.join(table.order)}) - 1)"


def _struct(table: Table, columns: Iterable[Column], more: str = "") -> str:
    """Columns of a row as a struct; a decimal is a number as short as it can be written: 7.7, and
    not 7.70.
    """
    fields = ", ".join(
        f"{c.name} := {table.name}.{c.name}{'::DOUBLE' if 'DECIMAL' in c.type else ''}"
        for c in columns
    )
    return f"struct_pack({fields}{more})"


_DETAILS = f"CASE WHEN details.film_id IS NOT NULL THEN {_struct(DETAILS, TOLD_DETAILS)} END"
_FILM = _struct(FILMS, FILMS.columns, f", details := {_DETAILS}")


def _words_of(field: str, text: str, table: Table) -> str:
    """The words of a text column, folded, and the rows that have them."""
    return f"""
        SELECT '{field}' AS field, word, list(DISTINCT row ORDER BY row) AS rows FROM (
            SELECT {_place(table)} AS row,
                   unnest(regexp_extract_all({FOLDED.format(text)}, '[\\pL\\pN]+')) AS word
            FROM {table.name}
        )
        GROUP BY word
    """


#: of the films and their credits
OF_FILMS: Mapping[Table, str] = {
    PEOPLE: f"""
        SELECT person_id, name, films, coalesce(film_rows, []) AS film_rows
        FROM (
            SELECT person_id, max(name) AS name, count(DISTINCT film_id) AS films
            FROM credits GROUP BY person_id
        )
        LEFT JOIN (
            SELECT person_id, list(row ORDER BY row) AS film_rows
            FROM (
                SELECT {_place(FILMS)} AS row, unnest(person_ids) AS person_id FROM films
            )
            GROUP BY person_id
        ) USING (person_id)
    """,
    FILM_DOCUMENTS: f"""
        SELECT films.film_id, CAST(to_json({_FILM}) AS VARCHAR) AS document
        FROM films LEFT JOIN details USING (film_id)
    """,
    WORDS: " UNION ALL ".join(
        (
            _words_of("title", "title", FILMS),
            _words_of("original_title", "original_title", FILMS),
            _words_of("person", "name", PEOPLE),
        )
    ),
}

#: of the pairs
OF_PAIRS: Mapping[Table, str] = {
    NEIGHBOURS: """
        SELECT film_id,
               max(similarity) AS nearest,
               list(other_id ORDER BY similarity DESC, other_id) AS other_ids,
               list(similarity ORDER BY similarity DESC, other_id) AS similarities
        FROM films_cos_sim GROUP BY film_id
    """,
}

# Rows that are read one by one, here and there, are found faster as they are.
UNCOMPRESSED = (FILM_DOCUMENTS,)
