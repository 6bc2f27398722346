"""Complaints, questions and ideas: what the desk answers itself, and the way past it for what must not stay there."""
