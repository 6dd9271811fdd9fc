"""`marrow doctor`: a look at everything before doors. It changes nothing; each topic is looked at, then
judged.

In each topic's file `look` asks the machine and returns plain facts, and `judge` turns facts into findings
and asks nobody.
"""
