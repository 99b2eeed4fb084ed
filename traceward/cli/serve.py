"""`traceward serve`: the web server (granian): health page and the door to commands."""

import argparse
import socket
import sys

HELP = "run the web server: health page and the door to commands"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument(
        "--threads", type=int, default=8, help="per worker; each holds a connection"
    )


def run(chosen: argparse.Namespace) -> int:
    from granian import Granian
    from granian.constants import Interfaces

    if _is_taken(chosen.host, chosen.port):
        print(
            f"Port {chosen.port} on {chosen.host} is taken by another program. "
            "Stop it, or choose another port with --port.",
            file=sys.stderr,
        )
        return 1
    print(f"serve: http://{chosen.host}:{chosen.port}/health", flush=True)
    Granian(
        "traceward.wsgi:application",
        address=chosen.host,
        port=chosen.port,
        interface=Interfaces.WSGI,
        workers=chosen.workers,
        blocking_threads=chosen.threads,
        log_access=False,
    ).serve()
    return 0


def _is_taken(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
