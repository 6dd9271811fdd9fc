"""The show file while it is played: read, changed with its comments kept, saved, undone."""
