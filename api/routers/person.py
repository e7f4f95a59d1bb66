"""People: one person, and a search by name."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response

from api.db import people
from api.db.search import people_named
from api.models.people import Collaborator, CreditedFilm, FoundPerson, Person, PersonSearch, Role
from api.models.values import PathPersonId
from api.openapi import EVERYWHERE, TOTAL, UNCHANGED, WITH_BODY, answer, counted, unknown
from api.route import BuildRoute, CurrentBuild, limited

router = APIRouter(route_class=BuildRoute, tags=["people"], responses=EVERYWHERE)


@router.post(
    "/person/search",
    operation_id="search_people",
    responses=answer(counted("people whose name matches, on all pages")) | WITH_BODY,
)
@limited("person")
async def search(
    build: CurrentBuild,
    response: Response,
    search: Annotated[PersonSearch, Body(default_factory=PersonSearch)],
) -> list[FoundPerson]:
    """People by name, those of most films first."""
    index = build.index
    named = await people_named(build, search.name)
    response.headers[TOTAL] = str(len(named))
    return [
        FoundPerson(
            person_id=int(index.person_ids[row]),
            name=index.names[row] or "",
            films=int(index.films_of_people[row]),
        )
        for row in people.with_most_films(index, named, search.offset, search.limit)
    ]


@router.get(
    "/person/{person_id}",
    operation_id="get_person",
    responses=answer() | UNCHANGED | unknown("person"),
)
@limited("person")
async def person(
    build: CurrentBuild,
    person_id: Annotated[
        PathPersonId, Path(description="IMDb's nconst or its digits", examples=["nm0000184"])
    ],
) -> Person:
    """Someone's films by role, and who they worked with most."""
    worked_on = await build.connections.ask(people.filmography, person_id)
    with_whom = await build.connections.ask(people.collaborators, person_id)
    return Person(
        person_id=person_id,
        name=worked_on.name,
        roles=[
            Role(role=role, films=[CreditedFilm.model_validate(row) for row in rows])
            for role, rows in worked_on.roles.items()
        ],
        collaborators=[Collaborator.model_validate(row) for row in with_whom],
    )
