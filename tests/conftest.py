"""Before any test: one thread, on which small tensors are fastest."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
