"""What other tools have saved, made parts of a show: clips, and performed scripts."""
