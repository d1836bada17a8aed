"""Speed and error beside other software: the same signals, one run, equal threads."""
