"""The example operation: invented people, taken through the whole job by the same services the pages use."""

SHIPPED_HOUSEHOLDS = 420
"""As many as the file that comes with the program holds."""
