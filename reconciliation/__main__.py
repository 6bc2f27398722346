"""Lets `python -m reconciliation` run."""

import os
import sys

from reconciliation.cli import main

code = main()
sys.stdout.flush()
sys.stderr.flush()
os._exit(code)  # everything is written and closed: to free a million rows one by one would take a second
