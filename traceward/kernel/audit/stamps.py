"""Time stamps of heads by an authority outside (RFC 3161): asked for, checked, kept as files.

A token lies in var/heads/tokens/<log>/<seal>-<16 digits of the head>.tsr, as the authority gave it.
It says that this head existed at that time, and nobody here can make one: a log that was rolled
back, or sealed again with a stolen key, does not fit it.
"""

import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import rfc3161_client as rfc3161
from cryptography import x509

TOKENS = "tokens"
SUFFIX = ".tsr"
#: A token above the seal that a backup was restored to, with the loss accepted.
VOID = ".void"
SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")
SECONDS = 10.0
ALL_SECONDS = 30.0
MAX_BYTES = 65_536


class BadStamp(Exception):
    """What should be a token is none, or is one of something else."""


@dataclass(frozen=True)
class Stamp:
    """A token in its file, whose name says which seal and which head it is of."""

    number: int
    head: str
    path: Path


@dataclass(frozen=True)
class Authority:
    """Where tokens are asked for, and the certificates that they must go back to, if known."""

    url: str = ""
    certificates: Path | None = None

    def stamp(self, statement: bytes, head: bytes) -> bytes:
        """The authority's token of the statement; BadStamp or OSError where it gives none."""
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise BadStamp("the address must begin with http:// or https://")
        request = (
            rfc3161.TimestampRequestBuilder()
            .data(statement)
            .hash_algorithm(rfc3161.HashAlgorithm.SHA256)
            .cert_request(cert_request=True)
            .build()
        )
        token = _asked(self.url, request.as_bytes())
        answer = self.check(token, head)
        if answer.tst_info.nonce != request.nonce:
            raise BadStamp("the answer is one to another request")
        return token

    def check(self, token: bytes, head: bytes) -> rfc3161.TimeStampResponse:
        """The token, read; BadStamp unless it is of this head and goes back to the certificates."""
        try:
            answer = rfc3161.decode_timestamp_response(token)
            status = rfc3161.PKIStatus(answer.status)
            if status != rfc3161.PKIStatus.GRANTED:
                raise BadStamp(f"the authority refused: {status.name}")
            imprint = answer.tst_info.message_imprint
        except ValueError as error:
            raise BadStamp(f"not a time stamp: {error}") from None
        if (imprint.hash_algorithm, imprint.message) != (SHA256, head):
            raise BadStamp("the time stamp is of something else")
        if self.certificates is not None:
            self._trust(answer, head)
        return answer

    def _trust(self, answer: rfc3161.TimeStampResponse, head: bytes) -> None:
        assert self.certificates is not None
        try:
            known = x509.load_pem_x509_certificates(self.certificates.read_bytes())
            rfc3161.VerifierBuilder(roots=known).build().verify(answer, head)
        except (OSError, ValueError, rfc3161.VerificationError) as error:
            raise BadStamp(f"the time stamp is not one of the known authority: {error}") from None


def head_of(token: bytes) -> bytes:
    """The head that the token says it is of; BadStamp where it is no token."""
    try:
        return bytes(rfc3161.decode_timestamp_response(token).tst_info.message_imprint.message)
    except ValueError as error:
        raise BadStamp(f"not a time stamp: {error}") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _asked(url: str, query: bytes) -> bytes:
    """The answer, of limited size and within limited time; no other address is asked."""
    end = time.monotonic() + ALL_SECONDS
    headers = {"Content-Type": "application/timestamp-query"}
    request = urllib.request.Request(url, query, headers)
    opener = urllib.request.build_opener(_NoRedirect)
    found = b""
    with opener.open(request, timeout=SECONDS) as answer:
        while part := answer.read1(MAX_BYTES):
            found += part
            if len(found) > MAX_BYTES or time.monotonic() > end:
                raise BadStamp("the answer is too long or too slow")
    return found


def folder_of(heads_file: Path, log: uuid.UUID) -> Path:
    """Where the tokens of this log are, beside the file of heads."""
    return heads_file.parent / TOKENS / str(log)


def stamps(heads_file: Path, log: uuid.UUID) -> Iterator[Stamp]:
    """The tokens of this log, oldest first; a file with another name is passed over."""
    for path in sorted(folder_of(heads_file, log).glob(f"*{SUFFIX}")):
        number, _, head = path.stem.partition("-")
        if number.isdecimal() and len(head) == 16:
            yield Stamp(int(number), head, path)


def path_of(heads_file: Path, log: uuid.UUID, number: int, head: str) -> Path:
    return folder_of(heads_file, log) / f"{number:012d}-{head[:16]}{SUFFIX}"


def void_after(heads_file: Path, log: uuid.UUID, number: int) -> None:
    """Tokens above the seal do not count any more: what they stamped is lost, as was accepted."""
    for stamp in list(stamps(heads_file, log)):
        if stamp.number > number:
            stamp.path.rename(stamp.path.with_suffix(VOID))
