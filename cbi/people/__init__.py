"""Households and their members: registration, finding, correcting, likely duplicates, imports."""
