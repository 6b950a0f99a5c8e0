"""What to say where a running kernel's code is not what its image holds."""

from systui.model.code import Instruction
from systui.words import _


def as_built(instruction: Instruction) -> str:
    """What the image has in an instruction's place; empty where that is the same."""
    if instruction.built is None:
        return ""
    return _("≠ vmlinux: {code}").format(code=" ".join(instruction.built.split()))
