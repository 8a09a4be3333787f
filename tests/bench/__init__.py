"""Benchmarks: what the program costs, against what an engineer would write instead.

`make bench` runs all in turn and prints a table; every figure stands beside its baseline from the
same run on the same machine, because ratios travel and milliseconds do not. Each benchmark is a
module with a `run(Options)` that gives its results; its docstring states what is compared.
"""
