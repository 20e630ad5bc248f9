from typing import Any
def stack_bound(image: Any, fpu: bool) -> int: return 0
