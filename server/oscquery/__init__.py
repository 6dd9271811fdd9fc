"""OSCQuery (the proposal of Vidvox): every OSC address described as JSON over HTTP, and its values streamed.

So that Max, Chataigne, VDMX, ossia score and others list what there is by themselves.
"""
