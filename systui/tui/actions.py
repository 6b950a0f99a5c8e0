"""Everything a person can do: bindings, footer, help and palette are all made from this list."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.binding import Binding

from systui.tui.keys import key_name
from systui.words import _


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done."""

    id: str
    """What `SystuiApp.action_do` is called with."""
    keys: tuple[str, ...]
    """Textual's names of the keys, the one to show first."""
    label: str
    """One or two words for the footer."""
    help: str
    """One sentence for the help and the palette."""
    group: str
    footer: int = 0
    """Place in the footer, 1 first; 0 for none. What does not fit is left out from the end."""

    @property
    def shown_key(self) -> str:
        """The first key as a person reads it on the keyboard; empty where it has none."""
        return key_name(self.keys[0]) if self.keys else ""

    @property
    def shown_keys(self) -> str:
        """All its keys."""
        return " ".join(map(key_name, self.keys))


def registry() -> tuple[Action, ...]:
    """All actions, in the order of the help, in the chosen language."""
    return (
        *_forwards(),
        *_backwards(),
        *_jumps(),
        *_panes(),
        *_arranging(),
        *_program(),
        *_screen(),
    )


def bindings(actions: Sequence[Action]) -> list[Binding]:
    """Two bindings for each key of each action: one for while a line is typed, one for else.

    The app asks itself for the latter before the key goes anywhere: had the key to come back
    from a pane first, the keys typed after it would be given out meanwhile, and those of the
    answer to a question do what they are bound to.
    """
    return [
        Binding(key, f"app.{how}('{action.id}')", action.label, show=False, priority=at_once)
        for action in actions
        for key in action.keys
        for how, at_once in (("do_at_once", True), ("do", False))
    ]


def _forwards() -> tuple[Action, ...]:
    group = _("Forwards")
    return (
        Action("step", ("s", "f11"), _("step"), _("Run to the next line, into calls."), group, 1),
        Action("instruction", ("i",), _("instruction"), _("Run one instruction."), group, 8),
        Action("over", ("n", "f10"), _("over"), _("Run to the next line, over calls."), group, 3),
        Action("finish", ("f",), _("finish"), _("Run until this function returns."), group, 9),
        Action(
            "landmark",
            ("space",),
            _("landmark"),
            _("Run to the next landmark of the call's way."),
            group,
            4,
        ),
        Action(
            "continue",
            ("c", "f5"),
            _("continue"),
            _("Run until a breakpoint or the program's end."),
            group,
            5,
        ),
        Action(
            "to_cursor",
            ("u",),
            _("to cursor"),
            _("Run to the source's cursor (arrow keys, a click)."),
            group,
        ),
        Action(
            "follow",
            ("F",),
            _("follow…"),
            _("Run to a system call: a name or number, #n for the nth time."),
            group,
            6,
        ),
    )


def _backwards() -> tuple[Action, ...]:
    group = _("Backwards")
    return (
        Action(
            "step_back", ("S", "shift+f11"), _("back"), _("Go back to the line before."), group, 2
        ),
        Action(
            "instruction_back",
            ("I",),
            _("instruction back"),
            _("Go back over one instruction."),
            group,
        ),
        Action(
            "over_back",
            ("N", "shift+f10"),
            _("over back"),
            _("Go back to the line before, over calls."),
            group,
        ),
        Action(
            "finish_back",
            ("B",),
            _("finish back"),
            _("Go back to where this function was called."),
            group,
        ),
        Action(
            "to_cursor_back",
            ("U",),
            _("back to cursor"),
            _("Go back to where the cursor's line ran last."),
            group,
        ),
        Action(
            "landmark_back",
            ("backspace",),
            _("landmark back"),
            _("Go back to the landmark before."),
            group,
        ),
        Action(
            "continue_back",
            ("C", "shift+f5"),
            _("continue back"),
            _("Go back until a breakpoint or the earliest position."),
            group,
        ),
    )


def _jumps() -> tuple[Action, ...]:
    group = _("Along the call")
    user = _("Go to the call's instruction in the program.")
    names = (
        ("1", _("user"), user),
        ("2", _("entry"), _("Go to the kernel's first instruction.")),
        ("3", _("dispatch"), _("Go to where pt_regs is complete and C begins.")),
        ("4", _("handler"), _("Go to the handler's first instruction.")),
        ("5", _("exit work"), _("Go to the work done on the way out.")),
        ("6", _("restore"), _("Go to where the registers are restored.")),
        ("7", _("return"), _("Go to the program's next instruction.")),
    )
    return tuple(
        Action(f"phase_{index}", (key,), label, text, group)
        for index, (key, label, text) in enumerate(names)
    )


def _panes() -> tuple[Action, ...]:
    group = _("Looking")
    return (
        Action("next_pane", ("tab",), _("pane"), _("Focus the next pane."), group),
        Action(
            "previous_pane", ("shift+tab",), _("pane before"), _("Focus the pane before."), group
        ),
        Action("search", ("slash",), _("table"), _("Search the system call table."), group, 7),
        Action("ledger", ("l",), _("ledger"), _("Show what became of each register."), group, 10),
        Action("output", ("o",), _("output"), _("Show the program's output and input."), group, 11),
        Action(
            "disassembly",
            ("d",),
            _("disassembly"),
            _("Show instructions in place of source lines, or lines again."),
            group,
        ),
        Action("console", ("colon",), _("console"), _("Type a command, as in gdb."), group, 12),
        Action("memory", ("m",), _("memory"), _("Show memory at an address."), group),
        Action("backtrace", ("k",), _("frames"), _("Show who called what runs here."), group),
        Action(
            "way", ("y",), _("way"), _("Show the call's way on the map of the entry code."), group
        ),
        Action(
            "tasks", ("j",), _("tasks"), _("Show tasks side by side: who did what when."), group
        ),
        Action("goto", ("g",), _("go to…"), _("Go to a position by its step number."), group),
        Action(
            "find",
            ("right_square_bracket",),
            _("find…"),
            _("Go to where a register changes, a slot is written or a phase begins next."),
            group,
        ),
        Action(
            "find_back",
            ("left_square_bracket",),
            _("find back…"),
            _("Go back to where a register changed, a slot was written or a phase began last."),
            group,
        ),
    )


def _arranging() -> tuple[Action, ...]:
    group = _("Arranging the screen")
    return (
        Action("panes", ("w",), _("panes…"), _("Jump to a pane, hide one or have it back."), group),
        Action(
            "zoom", ("z",), _("zoom"), _("Give the pane the whole screen, or take it back."), group
        ),
        Action("hide", ("h",), _("hide"), _("Hide the pane."), group),
        Action("taller", ("plus",), _("taller"), _("Make the pane taller."), group),
        Action("shorter", ("minus",), _("shorter"), _("Make the pane shorter."), group),
        Action("wider", ("greater_than_sign",), _("wider"), _("Make the pane wider."), group),
        Action("narrower", ("less_than_sign",), _("narrower"), _("Make the pane narrower."), group),
        Action(
            "rearrange",
            ("equals_sign",),
            _("arrange anew"),
            _("Show all panes in their usual sizes again."),
            group,
        ),
    )


def _program() -> tuple[Action, ...]:
    group = _("Program")
    return (
        Action(
            "break",
            ("b",),
            _("break…"),
            _("Set or clear a breakpoint at a symbol or address."),
            group,
            12,
        ),
        Action(
            "break_here",
            ("t",),
            _("break here"),
            _("Set or clear a breakpoint at the source's cursor."),
            group,
        ),
        Action(
            "record",
            ("R",),
            _("record"),
            _("Record from here to a file, or end the recording."),
            group,
        ),
        Action("note", ("a",), _("note…"), _("Add a note to this stop of a recording."), group),
        Action("set", ("e",), _("edit…"), _("Change a register, pt_regs or memory."), group),
        Action("restart", ("r",), _("restart"), _("Run the program again from its start."), group),
        Action(
            "interrupt",
            ("escape", "ctrl+c"),
            _("interrupt"),
            _("Stop what runs; else lead back to the source."),
            group,
        ),
    )


def _screen() -> tuple[Action, ...]:
    group = "systui"
    return (
        Action(
            "palette",
            ("ctrl+p",),
            _("commands"),
            _("Find any of these by its name."),
            group,
            14,
        ),
        Action(
            "picture",
            ("P",),
            _("picture"),
            _("Write the screen as a picture, a new SVG file in the working directory."),
            group,
        ),
        Action("theme", ("T",), _("theme"), _("Take the next theme."), group),
        Action("help", ("question_mark", "f1"), _("help"), _("Show this."), group, 13),
        Action("quit", ("q", "ctrl+q"), _("quit"), _("Leave."), group, 15),
    )
