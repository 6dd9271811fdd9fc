"""Ready-made surfaces for programs that draw touch controls and speak OSC."""
