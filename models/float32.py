"""Whether a GPU rounds inside of what is meant to be float32."""

import torch


def keep_float32() -> None:
    """No TF32, which convolutions otherwise use on a GPU and which keeps 10 bits of 23.

    Path lengths are differences of pictures a ten-thousandth of a step apart, and R1 is differentiated twice:
    both would be made of rounding.
    """
    torch.backends.cudnn.allow_tf32 = False
