"""The audit trail, and counts that are safe to publish."""
