"""Who asks: a person by the cookie that was signed for them, or a program by its key."""

import hmac
import secrets
from typing import NamedTuple

from itsdangerous import BadSignature, SignatureExpired, TimestampSigner
from starlette.requests import Request
from starlette.responses import Response

from api.client import is_https
from api.settings import Settings
from filmkin.errors import ForbiddenError, UnavailableError, UnidentifiedError

COOKIE = "filmkin"
MOVIELENS = "ml-"  # what the ids of MovieLens' people begin with

_DAY = 24 * 3600
_SECONDS = 365 * _DAY  # from the last day on which the person came
_RENEW_SECONDS = _DAY  # a cookie that is older is handed out anew
_RANDOM_BYTES = 16
_SCHEME = "bearer"

_NOBODY_RATES = "Nobody can rate films here: the service needs FILMKIN_SECRET for that."


class Caller(NamedTuple):
    """Who asks: the person whose cookie it is, or a program; neither when nobody says it."""

    user_id: str | None
    is_program: bool
    is_due: bool = False  # their cookie is to be handed out anew

    def check(self, user_id: str, *, writes: bool) -> None:
        """That they may read, or change, what this person rated.

        MovieLens' people are public, for whoever says who they are, and nobody changes them.
        Raises UnidentifiedError, ForbiddenError.
        """
        if self.user_id is None and not self.is_program:
            raise UnidentifiedError("It takes the cookie of POST /user, or an API key.")
        if user_id.startswith(MOVIELENS):
            if writes:
                raise ForbiddenError("What MovieLens' people rated is for reading alone.")
        elif not self.is_program and user_id != self.user_id:
            raise ForbiddenError("What a person rated is for that person alone.")


class Identities:
    """Makes ids and cookies, and knows who asks."""

    def __init__(self, settings: Settings) -> None:
        self._keys = [key.get_secret_value().encode() for key in settings.api_keys]
        self._trusted = settings.trusted_proxies
        secret = settings.secret
        self._signer = TimestampSigner(secret.get_secret_value(), COOKIE) if secret else None

    @property
    def _signed(self) -> TimestampSigner:
        if self._signer is None:
            raise UnavailableError(_NOBODY_RATES)
        return self._signer

    def caller(self, request: Request) -> Caller:
        """Who asks. Raises UnidentifiedError for a key that is none, UnavailableError without a
        secret.
        """
        signed = self._signed
        authorization = request.headers.get("authorization")
        if authorization is not None:
            if not self._is_key(authorization):
                raise UnidentifiedError("The API key is not one of this service.")
            return Caller(None, is_program=True)
        try:
            user_id = signed.unsign(cookie := request.cookies.get(COOKIE, ""), max_age=_SECONDS)
        except BadSignature:  # or too old, or none at all
            return Caller(None, is_program=False)
        return Caller(user_id.decode(), is_program=False, is_due=_is_old(signed, cookie))

    def hand(self, request: Request, response: Response, user_id: str) -> None:
        """Have the answer carry the cookie of a person."""
        response.set_cookie(
            COOKIE,
            self._signed.sign(user_id).decode(),
            max_age=_SECONDS,
            path="/",
            secure=is_https(request.scope, self._trusted),
            httponly=True,
            samesite="strict",
        )

    def _is_key(self, authorization: str) -> bool:
        scheme, _, key = authorization.partition(" ")
        given = key.strip().encode("utf-8", "surrogateescape")
        # All are compared, in a time that tells nothing of them.
        agrees = [hmac.compare_digest(given, known) for known in self._keys]
        return scheme.lower() == _SCHEME and any(agrees)


def _is_old(signed: TimestampSigner, cookie: str) -> bool:
    try:
        signed.unsign(cookie, max_age=_RENEW_SECONDS)
    except SignatureExpired:
        return True
    return False


def new_user_id() -> str:
    """An id that says nothing and that nobody guesses; of digits and a to f, so it is no
    MovieLens person's.
    """
    return secrets.token_hex(_RANDOM_BYTES)
