"""What the pages share."""

import os

# The products of a page are small, and its visitors many: threads for one product only get
# in each other's way. NumPy's library reads this when it is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
