"""What the counting hook must know of a block, found when it is first run."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import capstone

from edgekit.devices.emulators.sim import native
from edgekit.devices.emulators.sim.cycles import Instruction, Rules, block_cost
from edgekit.devices.emulators.sim.image import LoadImage

TIMED_LOOP = "ek_run_inferences"
CPACR = 0xD88  # in the system control space
_FPU_ON = 0xF << 20
_BRANCH_TO_SELF = b"\xfe\xe7"


class BlockMap:
    """Costs, functions and layers of the image's blocks, given to the hook as `describe`.

    Bucket `native.FIRST_LAYER + i` counts layer i; a layer begins at its function's first
    instruction and ends where its caller, the invoke function, runs again.
    """

    def __init__(
        self,
        uc: Any,
        state: native.State,
        image: LoadImage,
        rules: Rules,
        invoke: str,
        layers: Sequence[str],
    ) -> None:
        self._uc, self._state, self._image, self._rules = uc, state, image, rules
        self._decoder = capstone.Cs(
            capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS
        )
        self._invoke = image.function(invoke)
        self._loop = image.function(TIMED_LOOP)
        self._layers = {}
        for index, symbol in enumerate(layers):
            if function := image.function(symbol):
                self._layers[function.start] = native.FIRST_LAYER + index
        state.invoke_address = self._invoke.start if self._invoke else 0xFFFF_FFFF
        self._callback = native.DESCRIBE(self._describe)  # kept alive as long as the hook
        state.describe = self._callback

    def _bucket(self, address: int) -> int:
        if address in self._layers:
            return self._layers[address]
        for function, bucket in ((self._invoke, native.INVOKE), (self._loop, native.LOOP)):
            if function and function.start <= address < function.end:
                return bucket
        return native.KEEP

    def _decode(self, code: bytes, address: int) -> list[Instruction]:
        """Every instruction of the block, those that capstone does not know by their size."""
        found = [Instruction(*fields) for fields in self._decoder.disasm_lite(code, address)]
        done = sum(i.size for i in found)
        if done < len(code):
            wide = code[done + 1] >> 3 in (0b11101, 0b11110, 0b11111)
            size = 4 if wide else 2
            found.append(Instruction(address + done, size, "unknown", ""))
            found += self._decode(code[done + size :], address + done + size)
        return found

    def _describe(self, address: int, size: int, block: Any) -> None:
        code = bytes(self._uc.mem_read(address, size))
        decoded = self._decode(code, address)
        cost = block_cost(self._rules, decoded)
        out = block.contents
        out.instructions, out.cycles, out.taken_cycles = cost
        index = self._image.function_index(address)
        out.function = len(self._image.functions) if index is None else index
        out.bucket = self._bucket(address)
        if self._state.scs[CPACR // 4] & _FPU_ON != _FPU_ON and any(
            i.mnemonic.startswith("v") for i in decoded
        ):
            # Unicorn would run it all the same; the chip does not.
            out.mark = native.MARK_FPU_OFF
        elif code == _BRANCH_TO_SELF:
            out.mark = native.MARK_IDLE
        elif self._loop and address == self._loop.start:
            out.mark = native.MARK_RUN


def table(state: native.State) -> Any:
    """The hook's blocks as a ctypes array, free slots included."""
    array = ctypes.cast(state.blocks, ctypes.POINTER(native.Block * state.capacity))
    return array.contents
