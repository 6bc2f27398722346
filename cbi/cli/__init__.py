"""The command line: one group per subject."""
