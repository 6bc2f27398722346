"""Thinks about danger in a delivery arrangement, never about the person: questions, rules, bands and measures that explain themselves."""
