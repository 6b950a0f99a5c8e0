"""Run by Qiling's own Python: the program with `accept` answered by a hook, no kernel inside."""

import sys
from pathlib import Path

from qiling import Qiling  # type: ignore[import-not-found]
from qiling.const import QL_VERBOSE  # type: ignore[import-not-found]

ACCEPT = 43
ENOTSOCK = 88

program = Path(sys.argv[1])
machine = Qiling([str(program)], str(program.parent), verbose=QL_VERBOSE.DISABLED)
machine.os.set_syscall(ACCEPT, lambda *_arguments: -ENOTSOCK)
machine.run()
