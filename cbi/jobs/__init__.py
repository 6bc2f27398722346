"""Durable background work of the office."""
