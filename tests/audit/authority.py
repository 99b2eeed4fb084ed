"""A time-stamping authority (RFC 3161) and a mail server on the loopback, for tests only.

The authority has a throw-away root, and writes its tokens itself: a TSTInfo in CMS SignedData,
byte by byte as RFC 3161 and RFC 5652 say. It can be told to answer wrongly.
"""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    long = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(long)]) + long + content


def sequence(*parts: bytes) -> bytes:
    return der(0x30, *parts)


def integer(value: int) -> bytes:
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    content = bytes([first * 40 + second])
    for part in rest:
        septets = [part & 127]
        while part := part >> 7:
            septets.append(128 | part & 127)
        content += bytes(reversed(septets))
    return der(0x06, content)


SHA256 = sequence(oid("2.16.840.1.101.3.4.2.1"), der(0x05))
RSA = sequence(oid("1.2.840.113549.1.1.1"), der(0x05))
TST_INFO = oid("1.2.840.113549.1.9.16.1.4")


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """A root, a certificate for time stamps below it, and answers signed with that."""

    def __init__(self) -> None:
        self.root_key = rsa.generate_private_key(65537, 2048)
        self.root = self._certificate("Root of the tests", None)
        self.key = rsa.generate_private_key(65537, 2048)
        self.certificate = self._certificate("Time stamps of the tests", self.root.subject)
        #: What is wrong with the answers: "", "other hash", "refused", "garbage", "endless", …
        self.fault = ""
        self.asked = 0

    def _certificate(self, common: str, issuer: x509.Name | None) -> x509.Certificate:
        key = self.root_key if issuer is None else self.key
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name(common))
            .issuer_name(issuer or name(common))
            .public_key(key.public_key())
            .serial_number(1 if issuer is None else 2)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(issuer is None, None), critical=True)
        )
        if issuer is not None:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            made = made.add_extension(usage, critical=True)
        return made.sign(self.root_key, hashes.SHA256())

    def write_root(self, path: Path) -> Path:
        path.write_bytes(self.root.public_bytes(serialization.Encoding.PEM))
        return path

    def answer(self, query: bytes) -> bytes:
        """The TimeStampResp to a TimeStampReq."""
        if self.fault == "garbage":
            return b"<html>not here</html>"
        if self.fault == "endless":
            return b"x" * 200_000
        if self.fault == "refused":
            return sequence(sequence(integer(2)))
        # A request is SEQUENCE { 1, { { sha256 }, OCTET STRING (32) }, nonce INTEGER, TRUE }.
        at = query.index(b"\x04\x20") + 2
        head, rest = query[at : at + 32], query[at + 32 :]
        assert rest[0] == 2
        nonce = rest[: rest[1] + 2]
        if self.fault == "other hash":
            head = sha256(head).digest()
        if self.fault == "other nonce":
            nonce = integer(7)
        return sequence(sequence(integer(0)), self.token(head, nonce))

    def token(self, head: bytes, nonce: bytes) -> bytes:
        now = datetime.now(UTC).strftime("%Y%m%d%H%M%SZ").encode()
        info = sequence(
            integer(1),
            oid("1.3.6.1.4.1.99999.1"),
            sequence(SHA256, der(0x04, head)),
            integer(self.asked),
            der(0x18, now),
            nonce,
        )
        certificate = self.certificate.public_bytes(serialization.Encoding.DER)
        signed = sequence(
            integer(3),
            der(0x31, SHA256),
            sequence(TST_INFO, der(0xA0, der(0x04, info))),
            der(0xA0, certificate),
            der(0x31, self._signer(info, certificate)),
        )
        return sequence(oid("1.2.840.113549.1.7.2"), der(0xA0, signed))

    def _signer(self, info: bytes, certificate: bytes) -> bytes:
        attributes = [
            sequence(oid("1.2.840.113549.1.9.3"), der(0x31, TST_INFO)),
            sequence(oid("1.2.840.113549.1.9.4"), der(0x31, der(0x04, sha256(info).digest()))),
            sequence(
                oid("1.2.840.113549.1.9.16.2.47"),
                der(
                    0x31,
                    sequence(sequence(sequence(der(0x04, sha256(certificate).digest())))),
                ),
            ),
        ]
        content = b"".join(sorted(attributes))
        signature = self.key.sign(der(0x31, content), padding.PKCS1v15(), hashes.SHA256())
        return sequence(
            integer(1),
            sequence(self.root.subject.public_bytes(), integer(2)),
            SHA256,
            der(0xA0, content),
            RSA,
            der(0x04, signature),
        )


@contextmanager
def served(authority: Authority) -> Iterator[str]:
    """The authority answers at this address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            authority.asked += 1
            query = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            if authority.fault == "500":
                self.send_error(500)
                return
            if authority.fault == "redirect":
                self.send_response(302)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(authority.answer(query))

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with _running(server):
        yield f"http://127.0.0.1:{server.server_address[1]}/tsa"


class Postbox(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it gets; `refusing` everybody on demand."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Letter)
        self.letters: list[str] = []
        self.refused: set[str] = set()

    @property
    def address(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Letter(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 tests")
        while line := self.rfile.readline().decode().strip():
            word = line.upper()
            if word.startswith("RCPT") and any(one in line for one in self.server.refused):
                self._say("550 nobody here")
            elif word == "DATA":
                self._say("354 go on")
                letter = iter(lambda: self.rfile.readline().decode(), ".\r\n")
                self.server.letters.append("".join(letter))
                self._say("250 kept")
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def postbox() -> Iterator[Postbox]:
    server = Postbox()
    with _running(server):
        yield server


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
