"""A 32-bit program's call by SYSENTER: the CPU keeps nothing, the frame is whole all the same."""

import debugged
import program_builder

from systui.model.call import Phase


def test_a_call_by_sysenter_is_followed() -> None:
    program = program_builder.built("sysenter", "bare32")
    debugger = debugged.at_call("i386:write", program)
    user = debugger.snapshot()
    assert user.instruction is not None
    assert user.instruction.mnemonic == "sysenter"
    stops = debugged.walk(debugger)
    entered, back = stops[1], stops[-1]
    assert entered.effect is not None
    assert entered.effect.kind == "sysenter"
    assert entered.location.symbol == "entry_SYSENTER_compat"
    assert entered.frame is None
    names = debugged.names(stops)
    assert names.index("kernel_stack") < names.index("frame_complete") < names.index("handler")
    assert [name for name in names if name in ("iret", "sysret")] == ["iret"]
    handler = next(stop for stop in stops if stop.landmark and stop.landmark.name == "handler")
    assert handler.frame is not None
    assert handler.frame.slot("ip").value == user.stop.pc + 4, "behind the int $0x80"
    assert handler.frame.slot("sp").value == user.registers["rsp"]
    assert back.phase is Phase.USER
    assert back.registers["rax"] == 3
    assert back.call is not None
    assert (back.call.abi, back.call.name, back.call.result) == ("i386", "write", 3)
    assert back.registers["cs"] == 0x23
    for stop in (user, back):
        assert (stop.registers["ds"], stop.registers["es"]) == (0x2B, 0x2B)


def test_its_way_back_is_the_way_forwards() -> None:
    debugger = debugged.at_call("i386:write", program_builder.built("sysenter", "bare32"))
    debugged.check_back_and_forth(debugger, debugged.walk(debugger))
