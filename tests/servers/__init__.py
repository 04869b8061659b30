"""Real servers for tests and benchmarks: each on a private port, with its data in a folder that goes with the run.

One module a server; `fleet` chooses where a server comes from, `provision` installs what is missing, and `run` with
`reaper` sees to it that nothing outlives the run. No test of Souk itself lives here.
"""
