"""Time tags: 64 bits of NTP time, as bundles carry them. Seconds since 1900 in the upper half, fractions
below."""

IMMEDIATELY = 1
"""The tag that means now. We read 0 in the same way: some senders leave the field empty."""

_UNIX = 2_208_988_800  # s from 1900 to 1970, RFC 5905
_WHOLE = 1 << 64
_SECOND = 1 << 32


def time_tag(wall: float) -> int:
    """The tag of a moment, given in seconds of Unix time."""
    return (_UNIX * _SECOND + round(wall * _SECOND)) % _WHOLE


def seconds_ahead(tag: int, wall: float) -> float:
    """How far a tag lies ahead of the wall clock (Unix time, s); negative for the past, 0.0 for immediately.

    The seconds wrap round in 2036. As NTP does, we take the one of two readings that is nearer: 68 years at
    most.
    """
    if tag <= IMMEDIATELY:
        return 0.0
    ahead = (tag - time_tag(wall)) % _WHOLE
    return (ahead - _WHOLE if ahead >= _WHOLE // 2 else ahead) / _SECOND


def before(tag: int, other: int) -> bool:
    """Whether a tag lies before another, by the same reading."""
    return (tag - other) % _WHOLE >= _WHOLE // 2
