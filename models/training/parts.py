"""In how many parts a batch goes through the networks when memory does not hold all of it at once."""

import math

GROUP = 4
"""The discriminator compares so many pictures with each other (`minibatch_deviation`)."""
PAIR = 2
"""The fewest: a picture alone looks like a collapse."""


def next_parts(batch: int, parts: int) -> int | None:
    """The next larger number of equal parts: of whole groups while that can be, then of pairs, then None."""
    for group in (math.gcd(GROUP, batch), PAIR):
        for count in range(parts + 1, batch // group + 1):
            if batch % (count * group) == 0:
                return count
    return None
