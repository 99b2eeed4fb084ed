"""`traceward shell`: a Python prompt with the application loaded."""

import argparse
import code

HELP = "a Python prompt with the application loaded"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(chosen: argparse.Namespace) -> int:
    code.interact(banner="Traceward", local={}, exitmsg="")
    return 0
