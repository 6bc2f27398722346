"""Lets `python -m reconciliation` run."""

import sys

from reconciliation.cli import main

sys.exit(main())
