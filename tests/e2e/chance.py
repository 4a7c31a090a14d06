"""What tests leave to chance, and how a run is had again."""

import os
import random

# Printed by the tests that use it; given back in this variable.
SEED = int(os.environ.get("BOXOFFICE_TEST_SEED") or random.randrange(2**32))
