"""Security keys and passkeys (WebAuthn): the challenge, and whether an answer to it is right."""

from collections.abc import Mapping, Sequence
from typing import Any

from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
)

from traceward.kernel.org.models import Person


class WrongAnswer(Exception):
    """Of another key, another site, an old challenge, or copied."""


def _server(origin: str, host: str) -> Fido2Server:
    """Answers count from this address alone."""
    entity = PublicKeyCredentialRpEntity(name="Traceward", id=host)
    return Fido2Server(entity, verify_origin=lambda given: given == origin)


def credential_of(text: str) -> AttestedCredentialData | None:
    """The public credential in base64url; None where it is none."""
    try:
        found, rest = AttestedCredentialData.unpack_from(websafe_decode(text))
    except Exception:  # the library raises what its parsers raise
        return None
    return None if rest else found


def ask_new(
    person: Person, standing: Sequence[bytes], origin: str, host: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the browser asks a new key, and what is kept until the answer."""
    user = PublicKeyCredentialUserEntity(
        name=person.login, id=person.uid.bytes, display_name=person.name(person.language)
    )
    known = [AttestedCredentialData(one) for one in standing]
    options, state = _server(origin, host).register_begin(user, known)
    return dict(options), state


def credential_in(
    state: Mapping[str, Any], answer: Mapping[str, Any], origin: str, host: str
) -> str:
    """The credential of the new key that answered; WrongAnswer where it does not fit."""
    try:
        data = _server(origin, host).register_complete(state, answer)
    except Exception as error:  # the library raises what its parsers raise
        raise WrongAnswer from error
    if data.credential_data is None:
        raise WrongAnswer
    return websafe_encode(bytes(data.credential_data))


def ask(standing: Sequence[bytes], origin: str, host: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the browser asks a key that is known, and what is kept until the answer."""
    known = [AttestedCredentialData(one) for one in standing]
    options, state = _server(origin, host).authenticate_begin(known)
    return dict(options), state


def answered(
    state: Mapping[str, Any],
    answer: Mapping[str, Any],
    standing: Sequence[bytes],
    origin: str,
    host: str,
) -> tuple[bytes, int]:
    """The credential that answered, and its count; WrongAnswer where it does not fit."""
    known = [AttestedCredentialData(one) for one in standing]
    try:
        found = _server(origin, host).authenticate_complete(state, known, answer)
        count = AuthenticationResponse.from_dict(answer).response.authenticator_data.counter
    except Exception as error:  # the library raises what its parsers raise
        raise WrongAnswer from error
    return bytes(found), count
