"""The night: its journal, what is gone on with after a crash, and the reports."""
