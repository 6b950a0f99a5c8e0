"""`python -m systui` is `systui`."""

import sys

from systui.cli import main

sys.exit(main())
