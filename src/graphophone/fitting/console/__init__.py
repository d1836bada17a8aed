"""A mixing console: a strip of processors on every source and subgroup, fitted and then pruned."""
