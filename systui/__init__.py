"""systui: follow one Linux system call from user space through the kernel and back."""

__version__ = "0.1.0"
