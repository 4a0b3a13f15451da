"""How many different crops one image has, counted by making them."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def different_crops(side: int, size: int) -> int:
    """Different `size` x `size` crops of one `side` x `side` image, mirrored ones too.

    At every offset from 0 to `side` - `size`. No two pixels of the image are equal, so
    that two crops are the same exactly where both of their upper corners are. Raises
    ValueError where the crop is larger than the image.
    """
    image = np.arange(side * side).reshape(side, side)
    windows = sliding_window_view(image, (size, size))
    corners = windows[..., 0, [0, -1]].reshape(-1, 2)
    return len(np.unique(np.concatenate([corners, corners[:, ::-1]]), axis=0))
