"""NumPy's arrays by the names that the signatures use."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]  # rows and places
Integers = NDArray[np.int64]  # years, and numbers of films and people
