"""Whether a process is still there."""

import psutil


def is_running(pid: int) -> bool:
    """One that ended counts as gone, although its parent may not have asked for its end yet."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True  # somebody else's
