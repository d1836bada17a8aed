"""The primitives on a GPU: one thread a lane for what recurs, PyTorch for what has no memory."""
