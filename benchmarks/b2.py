"""B2: commands of one line, in process and over HTTP."""

from benchmarks import b1, over_http
from benchmarks import company as companies
from benchmarks.clients import clients
from benchmarks.figures import Figure, growth
from benchmarks.scale import Scale
from traceward.kernel.command.tokens import token_for
from traceward.kernel.org.models import Person

TARGETS = {1: 0.25, 8: 0.12}


def run(scale: Scale) -> list[Figure]:
    """One and eight clients, on a small ledger and on a larger one."""
    figures = []
    with companies.company("b2", lots=scale.lots, bins=b1.BINS) as made:
        b1.stock(made, scale)
        rates: dict[int, list[float]] = {}
        for many, share in TARGETS.items():
            with clients(many, made.database) as some:
                b1.introduce(some, made)
                for lines in (1, 10):
                    ours, floor = b1.interleaved(
                        some, scale.rounds, seconds=scale.seconds, lines=lines
                    )
                    row = b1.figure("B2", "command in process", f"{many} clients, {lines} lines",
                                    ours, floor, "lines/s", share)  # fmt: skip
                    rates.setdefault(many, []).append(row.ours / lines)
                    if lines > 1:  # for the growth only
                        row.target, row.met = "", None
                        slope = growth(1, 1 / rates[many][0], lines, 1 / rates[many][1])
                        row.note += f"; time of a command grows as lines^{slope:.2f}"
                    figures.append(row)
        keeper = Person.objects.get(pk=made.storekeeper)
        figures += over_http.figures(made, b1.STOCKED, token_for(keeper), 2 * scale.seconds)
        wrong = companies.differences(made.database)
        assert wrong == 0, f"{wrong} balances differ from the ledger"
    return figures
