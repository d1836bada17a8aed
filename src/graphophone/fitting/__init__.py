"""Fitting: the graph that turns a dry recording into a wet one."""
