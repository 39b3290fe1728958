"""Memory of this process, from the kernel's own books."""

from pathlib import Path


def resident_mb(peak: bool = False) -> float:
    """Megabytes that are resident now, or were at most."""
    name = "VmHWM:" if peak else "VmRSS:"
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024.0
    raise OSError(f"the kernel does not say {name}; these benchmarks run on Linux")
