"""The words of each world in other languages: `<world>/<language>/LC_MESSAGES/messages.po`, compiled beside it."""
