"""One client: sends errands by HTTP or by the terminal, and keeps its own log of all it did.

An order is written and fsynced before it is sent; its answer after it came. Whatever happens in
between, the same request id is sent again until there is an answer; a refusal is one. Killed, it
starts again from its log. Only the standard library is used.
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO

from tests.kills.errands import Answer, Order, Teller, errand

HTTP_SECONDS, TERMINAL_SECONDS = 20, 90
#: Of `run-command`: wrong input, not found, not allowed, conflict, wrong state, other refusals.
REFUSED_CODES = {2, 3, 4, 5, 6, 10}
#: HTTP statuses that are no answer: sign in again, too slow, too many.
NO_ANSWER = {401, 408, 429}
REQUESTS = uuid.UUID("3f0f6a52-77f2-5c55-8a53-5f1c9a0f2d11")

Row = dict[str, Any]


class Log:
    """Rows of JSON on the disk; a last row cut short by a kill was never acted on."""

    def __init__(self, path: Path) -> None:
        if path.exists():
            whole = path.read_bytes()
            path.write_bytes(whole[: whole.rfind(b"\n") + 1])
        self.rows = read(path)
        self.file: BinaryIO = path.open("ab", buffering=0)

    def write(self, **row: Any) -> None:
        row["t"] = time.monotonic()
        self.file.write(json.dumps(row).encode() + b"\n")
        os.fsync(self.file.fileno())


def read(path: Path) -> list[Row]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


class Client:
    """Walks errand after errand until the stop file is there."""

    def __init__(self, chosen: argparse.Namespace) -> None:
        self.chosen = chosen
        self.company = json.loads(chosen.company.read_text())
        self.log = Log(chosen.log)
        self.chance = random.Random(f"{chosen.seed}/{chosen.number}/{len(self.log.rows)}")
        self.teller = Teller(chosen.number, chosen.of, can_sign=chosen.via == "http")
        self.door = Web(chosen.port) if chosen.via == "http" else Terminal()
        self.give_up = time.monotonic() + chosen.seconds

    @property
    def is_over(self) -> bool:
        return self.chosen.stop.exists() or time.monotonic() > self.give_up

    def run(self) -> None:
        rows = self.log.rows
        answers = {row["answered"]: row for row in rows if "answered" in row}
        orders: dict[int, dict[int, str]] = {}
        for row in rows:
            if "ordered" in row:
                orders.setdefault(row["errand"], {})[row["step"]] = row["ordered"]
        nth = max(orders, default=0)
        while not self.is_over:
            self.walk(nth, orders.get(nth, {}), answers)
            nth += 1

    def walk(self, nth: int, known: dict[int, str], answers: dict[str, Row]) -> None:
        """The errand, from its first order that has no answer yet."""
        walking = errand(self.chosen.seed, self.teller, nth, self.company)
        step, order = 0, next(walking)
        while True:
            request_id = str(uuid.uuid5(REQUESTS, f"{self.teller.number}/{nth}/{step}"))
            if step not in known:
                if self.is_over:
                    return
                self._write_order(order, request_id, nth, step)
            answer = answers.get(request_id) or self.ask(order, request_id)
            try:
                order = walking.send(answer)
            except StopIteration:
                return
            step += 1

    def _write_order(self, order: Order, request_id: str, nth: int, step: int) -> None:
        self.log.write(
            ordered=request_id,
            errand=nth,
            step=step,
            person=order.person,
            verb=order.verb,
            arguments=order.arguments,
            moves=order.moves,
            promises=order.promises,
        )

    def ask(self, order: Order, request_id: str) -> Answer:
        """The answer, however often it must be asked for; it is in the log then."""
        tries, failures = 0, Counter[str]()
        while time.monotonic() < self.give_up:
            tries += 1
            sent = time.monotonic()
            answer = self._send(order, request_id)
            if answer is not None:
                self.log.write(
                    answered=request_id, sent=sent, tries=tries, failures=failures, **answer
                )
                self._ask_again(order, request_id, answer)
                time.sleep(self.chance.uniform(0, 2 * self.chosen.pause))
                return answer
            failures[self.door.failure] += 1
            time.sleep(self.chance.uniform(0.02, min(0.1 * tries, 0.5)))
        sys.exit(3)

    def _send(self, order: Order, request_id: str) -> Answer | None:
        """Mostly once; now and then hastily first, or twice at the same moment."""
        manner = self.chance.random()
        if manner < 0.03:
            self.door.send_and_leave(order, request_id, self.company)
        if manner > 0.97:
            twin = threading.Thread(
                target=self.door.fresh().send, args=(order, request_id, self.company)
            )
            twin.start()
            answer = self.door.send(order, request_id, self.company)
            twin.join()
            return answer
        return self.door.send(order, request_id, self.company)

    def _ask_again(self, order: Order, request_id: str, first: Answer) -> None:
        """Now and then the answered request once more: the answer must be the same."""
        if self.chance.random() < 0.03:
            again = self.door.send(order, request_id, self.company)
            if again is not None and again != first:
                self.log.write(differs=request_id, first=first, again=again)


class Web:
    """The door of the web server."""

    #: Why the last sending got no answer.
    failure = ""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HTTP_SECONDS)

    def fresh(self) -> "Web":
        return Web(self.port)

    def send(self, order: Order, request_id: str, company: Row) -> Answer | None:
        try:
            self._request(order, request_id, company)
            response = self.connection.getresponse()
            status, text = response.status, response.read()
            body = json.loads(text) if status < 500 else {}
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.failure = type(error).__name__
            self.connection.close()
            return None
        if status >= 500 or status in NO_ANSWER:
            self.failure = f"status {status}"
            return None
        if status >= 400:
            refusal = str(body.get("type", status)).rsplit(":", 1)[-1]
            return {"outcome": "refused", "refusal": refusal, "why": body.get("title")}
        return dict(body)

    def send_and_leave(self, order: Order, request_id: str, company: Row) -> None:
        """Sent, and the line is dead before the answer."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            self._request(order, request_id, company)
        self.connection.close()

    def _request(self, order: Order, request_id: str, company: Row) -> None:
        headers = {
            "Authorization": f"Bearer {company['tokens'][order.person]}",
            "Idempotency-Key": request_id,
            "Content-Type": "application/json",
        }
        if order.is_signed:
            headers["Signature-Password"] = company["password"]
        self.connection.request(
            "POST", f"/api/v1/commands/{order.verb}", json.dumps(order.arguments), headers
        )


class Terminal:
    """The door of the command line: a process for every command."""

    failure = ""

    def fresh(self) -> "Terminal":
        return self

    def send(self, order: Order, request_id: str, company: Row) -> Answer | None:
        process = self._start(order, request_id, company)
        try:
            out, error = process.communicate(timeout=TERMINAL_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.failure = "too slow"
            return None
        if process.returncode in REFUSED_CODES:
            lines = error.decode(errors="replace").strip().splitlines() or [""]
            return {"outcome": "refused", "refusal": str(process.returncode), "why": lines[-1]}
        if process.returncode != 0:
            lines = error.decode(errors="replace").strip().splitlines() or [""]
            self.failure = f"exit {process.returncode} {lines[-1][:80]}"
            return None
        return dict(json.loads(out))

    def send_and_leave(self, order: Order, request_id: str, company: Row) -> None:
        """Begun, and killed somewhere on the way."""
        process = self._start(order, request_id, company)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(random.uniform(0.5, 3))
        process.kill()
        process.communicate()

    def _start(self, order: Order, request_id: str, company: Row) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "traceward", "run-command", order.verb]
        command += ["--json", json.dumps(order.arguments), "--request-id", request_id]
        return subprocess.Popen(
            command,
            env={**os.environ, "TRACEWARD_TOKEN": company["tokens"][order.person]},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--of", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--via", choices=("http", "terminal"), required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pause", type=float, required=True)
    parser.add_argument("--seconds", type=float, required=True, help="then it gives up")
    for name in ("company", "log", "stop"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    Client(parser.parse_args()).run()


if __name__ == "__main__":
    main()
