"""Effects by software that is not ours: which, how they are set, and what we would call them."""
