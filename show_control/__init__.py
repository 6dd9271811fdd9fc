"""What happens when: cues, looks, fades and the machine that plays them. Standard library only."""
