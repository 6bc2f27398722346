"""What providers say they paid: upload, preview, post, undo, statement."""
