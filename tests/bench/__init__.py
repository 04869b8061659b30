"""The benchmark: `python -m tests.bench`, or `make bench`. docs/benchmarks.md tells what is measured and how it
came out.

`stand` brings up what is measured, `figures` says what is compared with what, `rounds` takes the samples, `results`
keeps them, `report` and `plot` tell them. It ends with the tests of the harness itself; what is fast enough is judged
by `goals`, not by a test.
"""
