"""The renderer: a child process that turns snapshots into frames, and the supervisor that keeps it alive."""
