"""What a conversion may end with besides a network."""


class ConvertError(Exception):
    """The file cannot be converted; the message is one sentence that says why, without the file's name."""
