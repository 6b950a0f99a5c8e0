"""Unicorn's shared library: found, loaded and given C prototypes.

Unicorn's own Python package costs 25 ms to import and wraps every call; systui needs a dozen
functions of the C interface (unicorn.h, uc.h of version 2.1.4), so it loads the library itself.
Nothing else in systui knows Unicorn's names.
"""

import ctypes
import sys
from ctypes import c_char_p, c_int, c_size_t, c_uint, c_uint32, c_uint64, c_void_p
from importlib.machinery import PathFinder
from pathlib import Path

from systui.model.errors import BadInputError
from systui.words import _

ARCH_X86 = 4
MODE_64 = 8
PROT_ALL = 7

HOOK_INTERRUPT = 1 << 0
HOOK_INSTRUCTION = 1 << 1
HOOK_CODE = 1 << 2
HOOK_MEMORY_READ = 1 << 10
HOOK_MEMORY_WRITE = 1 << 11
HOOK_INVALID_INSTRUCTION = 1 << 14

CTL_USE_EXITS = 4
CTL_FLUSH_BLOCKS = 10

_CTL_WRITE = 1

INTERRUPT_CALLBACK = ctypes.CFUNCTYPE(None, c_void_p, c_uint32, c_void_p)
INVALID_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_bool, c_void_p, c_void_p)
SYSCALL_CALLBACK = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)
SKIP_CALLBACK = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p)
IN_CALLBACK = ctypes.CFUNCTYPE(c_uint32, c_void_p, c_uint32, c_int, c_void_p)
OUT_CALLBACK = ctypes.CFUNCTYPE(None, c_void_p, c_uint32, c_int, c_uint32, c_void_p)
CODE_CALLBACK = ctypes.CFUNCTYPE(None, c_void_p, c_uint64, c_uint32, c_void_p)
MEMORY_CALLBACK = ctypes.CFUNCTYPE(None, c_void_p, c_int, c_uint64, c_int, ctypes.c_int64, c_void_p)

_PROTOTYPES = {
    "uc_version": (c_uint, (c_void_p, c_void_p)),
    "uc_open": (c_int, (c_uint, c_uint, c_void_p)),
    "uc_close": (c_int, (c_void_p,)),
    "uc_strerror": (c_char_p, (c_int,)),
    "uc_mem_map_ptr": (c_int, (c_void_p, c_uint64, c_uint64, c_uint32, c_void_p)),
    "uc_emu_start": (c_int, (c_void_p, c_uint64, c_uint64, c_uint64, c_size_t)),
    "uc_emu_stop": (c_int, (c_void_p,)),
    "uc_reg_read": (c_int, (c_void_p, c_int, c_void_p)),
    "uc_reg_write": (c_int, (c_void_p, c_int, c_void_p)),
    "uc_reg_read_batch": (c_int, (c_void_p, c_void_p, c_void_p, c_int)),
    "uc_reg_write_batch": (c_int, (c_void_p, c_void_p, c_void_p, c_int)),
    "uc_context_alloc": (c_int, (c_void_p, c_void_p)),
    "uc_context_save": (c_int, (c_void_p, c_void_p)),
    "uc_context_restore": (c_int, (c_void_p, c_void_p)),
    "uc_context_size": (c_size_t, (c_void_p,)),
    "uc_context_free": (c_int, (c_void_p,)),
    "uc_hook_del": (c_int, (c_void_p, c_size_t)),
}


def _library_path() -> Path:
    name = {"win32": "unicorn.dll", "darwin": "libunicorn.2.dylib"}.get(
        sys.platform, "libunicorn.so.2"
    )
    found = PathFinder.find_spec("unicorn")
    for place in (found.submodule_search_locations or ()) if found else ():
        path = Path(place) / "lib" / name
        if path.exists():
            return path
    raise BadInputError(_("The emulator needs the package unicorn (pip install unicorn==2.1.4)"))


def load() -> ctypes.CDLL:
    """The library with prototypes set; BadInputError where it cannot be had."""
    try:
        library = ctypes.CDLL(str(_library_path()))
    except OSError as error:
        raise BadInputError(
            _("Unicorn's library cannot be loaded: {error}").format(error=error)
        ) from error
    for name, (result, arguments) in _PROTOTYPES.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    for variadic in (library.uc_ctl, library.uc_hook_add):
        variadic.restype = c_int
    library.uc_ctl.argtypes = (c_void_p, c_int)
    library.uc_hook_add.argtypes = (
        c_void_p,
        c_void_p,
        c_int,
        c_void_p,
        c_void_p,
        c_uint64,
        c_uint64,
    )
    return library


def control(kind: int, arguments: int) -> int:
    """The first argument of uc_ctl for writing `kind` with so many arguments (UC_CTL macro)."""
    return kind | arguments << 26 | _CTL_WRITE << 30
