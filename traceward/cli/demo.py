"""`traceward demo`: the main job before your eyes, in a sandbox that is made for it."""

import argparse

from traceward.cli import story

HELP = "show the main job on a small company"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    story.add_arguments(parser)


def run(chosen: argparse.Namespace) -> int:
    """The story on the files of the repository; the guide says how to change them."""
    return story.run(chosen)
