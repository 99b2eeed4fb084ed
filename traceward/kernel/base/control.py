"""Start, stop, status and remove for the database server of a home folder, as ./dev asks."""

from __future__ import annotations

import os
import sys

from traceward.kernel.base.server import Server, ServerProblem
from traceward.kernel.base.spoken import Sentence, environment_language, told


def main(arguments: list[str]) -> int:
    """Carry out the verb for the home folder, speaking the environment's language."""
    language = environment_language()

    def show(line: str) -> None:
        print(told(line, language))

    server = Server(os.environ.get("TRACEWARD_HOME") or os.getcwd(), say=show)
    verb = arguments[0] if len(arguments) == 1 else ""
    try:
        if verb == "start":
            was_running = not server.is_external and server.is_running()
            server.start()
            where = "DATABASE_URL" if server.is_external else server.binaries.source
            values = {"version": server.version, "source": where}
            if was_running:
                show(Sentence("PostgreSQL {version} ({source}) was running", **values))
            else:
                show(Sentence("PostgreSQL {version} ({source})", **values))
        elif verb == "stop":
            is_ended = server.stop()
            show(Sentence("Server stopped.") if is_ended else Sentence("No server was running."))
        elif verb == "status":
            running = server.is_running()
            print("running" if running else "stopped")
            return 0 if running else 3
        elif verb == "remove":
            server.remove()
        else:
            print(told(Sentence("Say start, stop, status or remove."), language), file=sys.stderr)
            return 2
    except ServerProblem as problem:
        print(problem.told(language), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
