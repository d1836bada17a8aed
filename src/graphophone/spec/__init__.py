"""Declarative descriptions: no tensors, no signal processing."""

from graphophone.spec.param import Param
from graphophone.spec.processor import (
    AnyProcessor,
    Dead,
    Inlet,
    Outlet,
    Processor,
    ProcessorSpec,
    processor,
)
from graphophone.spec.terminal import DEPTH, GAIN, IN, OUT, SOURCES

__all__ = [
    "DEPTH",
    "GAIN",
    "IN",
    "OUT",
    "SOURCES",
    "AnyProcessor",
    "Dead",
    "Inlet",
    "Outlet",
    "Param",
    "Processor",
    "ProcessorSpec",
    "processor",
]
