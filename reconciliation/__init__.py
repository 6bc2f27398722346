"""Counts money: compares what an office asked a provider to pay with what the provider says it paid."""
