"""One module a target, which registers itself; see :mod:`graphophone.export.target`."""
