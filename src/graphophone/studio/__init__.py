"""The studio: a local page to see a graph, hear it and decide; :mod:`~graphophone.studio.app`."""
