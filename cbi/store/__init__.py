"""The records room: two databases that never meet, sealed columns, one explained commit at a time, and an unbroken chain of facts."""
