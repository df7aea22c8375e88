"""Enrich: language, topics and regions of an article."""

import os

# Matrices here are small, and each process tags by itself: threads of the linear algebra would only wait for
# each other.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_name, "1")
