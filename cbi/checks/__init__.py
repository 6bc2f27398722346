"""Asking: the gate, the three pages, the weekly notice and the letter box. It only asks; it can read nothing back."""
