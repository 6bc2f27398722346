"""Who works here: sign-in, second factor, sessions, seats and rights."""
