"""The shell: every socket, process and clock. It joins the show to the picture."""
