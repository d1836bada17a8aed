"""What is measured beside Table 2: suites of small trials that a seed reproduces one by one."""
