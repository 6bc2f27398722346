"""What a household is due and how it receives: programmes, cycles, entitlements, payment lists, approvals, arrangements."""
