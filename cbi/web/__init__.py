"""Tools shared by views; they know no subject."""
