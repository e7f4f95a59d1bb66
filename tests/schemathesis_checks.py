"""What schemathesis checks beside its own: `SCHEMATHESIS_HOOKS=tests.schemathesis_checks`."""

from __future__ import annotations

import json
import re
from typing import Any

import schemathesis
from schemathesis.checks import CheckContext
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import positive_data_acceptance

# What JSON Schema cannot say of a request, and the service does: by its words, of these fields.
_MEANT = re.compile(
    r"^(?:\w+: \w+ \S+ is above \w+ \S+"  # a range
    r"|cursor: (?:this is no cursor of a search|it is of a search with sort .*)"
    r"|(?:title|original_title|genre|person|name): (?:not a regular expression: .*|it repeats .*)"
    r"|ids: \d+ films are asked for, \d+ at most"
    r"|\d+: name a film by one of film_id and movie_id"
    r"|\d+\.(?:film_id|movie_id): There is no film .*)$",
    re.S,
)


@schemathesis.check
def sound_requests_are_accepted(
    ctx: CheckContext, response: Response, case: schemathesis.Case[Any]
) -> bool | None:
    """A request that the document allows is refused for what it cannot say alone."""
    if response.status_code == 422:
        told = json.loads(response.text)
        errors = [f"{e['field']}: {e['detail']}" for e in told["errors"]]
        if errors and all(_MEANT.match(error) for error in errors):
            return None
    return positive_data_acceptance(ctx, response, case)
