"""How long the work takes and how much memory, measured side by side in one run: `python -m tests.bench`, or `pytest -m bench -n 0`."""
