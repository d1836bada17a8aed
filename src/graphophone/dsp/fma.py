"""Fused multiply-add: a product and a sum that are always rounded alike."""

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core.cgutils import get_or_insert_function
from numba.extending import intrinsic


def _multiply_add(_: Any, a: Any, b: Any, c: Any) -> Any:
    """Say to the compiler which types of numbers there are, and how it is done."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        number = ir.DoubleType()
        numbers = [
            context.cast(builder, value, kind, types.float64)
            for value, kind in zip(values, signature.args, strict=True)
        ]
        shape = ir.FunctionType(number, [number] * 3)
        called = get_or_insert_function(builder.module, shape, "llvm.fmuladd.f64")  # type: ignore[no-untyped-call]
        return builder.call(called, numbers)

    return types.float64(a, b, c), generate


fma = cast(Callable[[float, float, float], float], intrinsic(_multiply_add))
"""Return ``a * b + c`` in float64, rounded once wherever the processor can.

Of ``a * b + c * d`` a compiler may contract either product, as the code around suggests. That
would not be the same bits in all copies of a loop, nor the same time: in a recurrence only one of
the two has to wait for the sample before.
"""
