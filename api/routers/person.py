"""People: one person, and a search by name."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Response

from api.db import people
from api.db.build import Build
from api.db.search import people_named
from api.models.people import (
    Collaborator,
    CreditedFilm,
    FoundPerson,
    Person,
    PersonQuery,
    PersonSearch,
    Role,
)
from api.models.values import PathPersonId
from api.openapi import EVERYWHERE, TOTAL, UNCHANGED, WITH_BODY, answer, counted, unknown
from api.route import BuildRoute, CurrentBuild, limited

router = APIRouter(route_class=BuildRoute, tags=["people"], responses=EVERYWHERE)


_COUNTED = counted("people whose name matches, on all pages")


@router.post("/person/search", operation_id="search_people", responses=answer(_COUNTED) | WITH_BODY)
@limited("person")
async def search(
    build: CurrentBuild,
    response: Response,
    search: Annotated[PersonSearch, Body(default_factory=PersonSearch)],
) -> list[FoundPerson]:
    """People by name, those of most films first."""
    return await _found(build, search, response)


@router.get("/person/search", operation_id="find_people", responses=answer(_COUNTED) | UNCHANGED)
@limited("person")
async def find(
    build: CurrentBuild, response: Response, search: Annotated[PersonQuery, Query()]
) -> list[FoundPerson]:
    """The same search as an address, for links and caches."""
    return await _found(build, search, response)


async def _found(build: Build, search: PersonSearch, response: Response) -> list[FoundPerson]:
    index = build.index
    named = await people_named(build, search.name)
    response.headers[TOTAL] = str(len(named))
    rows = await people.with_most_films(build, named, search.offset, search.limit)
    return [
        FoundPerson(
            person_id=int(index.person_ids[row]),
            name=index.names[row] or "",
            films=int(index.films_of_people[row]),
        )
        for row in rows
    ]


@router.get(
    "/person/{person_id}",
    operation_id="get_person",
    responses=answer() | UNCHANGED | unknown("person"),
)
@limited("person")
async def person(
    build: CurrentBuild,
    person_id: Annotated[PathPersonId, Path(description="IMDb's nconst or its digits")],
) -> Person:
    """Someone's films by role, and who they worked with most."""
    worked_on = await build.connections.ask(people.filmography, person_id)
    with_whom = await build.connections.ask(people.collaborators, person_id)
    return Person(
        person_id=person_id,
        name=worked_on.name,
        roles=[
            Role(
                role=role,
                films=[CreditedFilm.model_validate(row) for row in rows],
            )
            for role, rows in worked_on.roles.items()
        ],
        collaborators=[Collaborator.model_validate(row) for row in with_whom],
    )
