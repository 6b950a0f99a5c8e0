"""Process groups and sessions."""

from systui.services.dispatch import Int, Result, call
from systui.services.errors import EACCES, EINVAL, EPERM, ESRCH, Refused
from systui.services.process import Process
from systui.services.task import Task


@call(111, "getpgrp")
def getpgrp(task: Task) -> Result:
    """The process group."""
    return task.group


def _process(task: Task, pid: int) -> Process:
    """The process `pid`, 0 being the caller's; Refused(ESRCH)."""
    found = task.process if pid == 0 else task.system.processes.get(pid)
    if found is None:
        raise Refused(ESRCH)
    return found


@call(121, "getpgid")
def getpgid(task: Task, pid: Int) -> Result:
    """The process group of `pid`."""
    return _process(task, pid).group


@call(124, "getsid")
def getsid(task: Task, pid: Int) -> Result:
    """The session of `pid`."""
    return _process(task, pid).session


@call(109, "setpgid")
def setpgid(task: Task, pid: Int, group: Int) -> Result:
    """Put itself or a child that has run no other file into a group of the session."""
    if group < 0:
        return -EINVAL
    found = _process(task, pid)
    if found is not task.process:
        if found.parent != task.pid:
            return -ESRCH
        if found.session != task.session:
            return -EPERM
        if found.executed:
            return -EACCES
    if found.session == found.pid:
        return -EPERM
    group = group or found.pid
    mates = task.system.processes.values()
    if group != found.pid and not any(
        each.group == group and each.session == task.session for each in mates
    ):
        return -EPERM
    found.group = group
    return 0


@call(112, "setsid")
def setsid(task: Task) -> Result:
    """A session of its own; a group leader may not."""
    if any(each.group == task.pid for each in task.system.processes.values()):
        return -EPERM
    task.process.session = task.process.group = task.pid
    return task.pid
