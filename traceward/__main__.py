"""`python -m traceward` is the command line."""

import sys

from traceward.cli import main

sys.exit(main())
