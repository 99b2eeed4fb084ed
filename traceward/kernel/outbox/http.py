"""One message is sent by HTTP: limits on time and size, no redirects, no proxy, no cookies."""

import asyncio
import ssl
import time
from dataclasses import dataclass
from functools import cache

import httpx

from traceward.kernel.outbox.targets import Target

#: So long may it take from the connection to the answer's first bytes, all in all.
SECONDS = 10.0
MAX_BYTES = 2_000
SHOWN = 500


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 where nothing did, and `text` says why."""

    status: int
    milliseconds: int
    text: str
    #: Seconds that the answer asked us to wait.
    wish: float = 0.0


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def post(target: Target, headers: dict[str, str], body: bytes, seconds: float) -> Answer:
    """The body is sent once; whatever happens is an answer."""
    began = time.monotonic()
    try:
        status, text, wish = asyncio.run(_ask(target, headers, body, seconds))
    except TimeoutError:
        status, text, wish = 0, f"no answer within {seconds:g} s", 0.0
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ssl.SSLError, ValueError) as error:
        status, text, wish = 0, f"{type(error).__name__}: {error}", 0.0
    milliseconds = round((time.monotonic() - began) * 1000)
    return Answer(status, milliseconds, _readable(text)[:SHOWN], wish)


async def _ask(
    target: Target, headers: dict[str, str], body: bytes, seconds: float
) -> tuple[int, str, float]:
    """Status, first bytes and wish; the deadline counts however slowly bytes drip in."""
    given = {"Host": target.authority, "Accept-Encoding": "identity", **headers}
    named = {"sni_hostname": target.host}
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(verify=_tls(), trust_env=False, timeout=seconds) as client,
    ):
        request = client.build_request(
            "POST", target.url, headers=given, content=body, extensions=named
        )
        response = await client.send(request, stream=True, follow_redirects=False)
        try:
            text = await _first_bytes(response)
        finally:
            await response.aclose()
        return response.status_code, text, _wish(response.headers.get("Retry-After", ""))


async def _first_bytes(response: httpx.Response) -> str:
    """As much of the answer as is kept; the status counts although the rest does not come."""
    found = b""
    try:
        async for chunk in response.aiter_raw(MAX_BYTES):
            found += chunk
            if len(found) >= MAX_BYTES:
                break
    except httpx.HTTPError:
        pass
    return found[:MAX_BYTES].decode("utf-8", "replace")


def _readable(text: str) -> str:
    """Without what the database or a terminal would stumble over."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()


def _wish(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0.0
