"""oO beside the libraries a user would otherwise pick, in one run on one machine.

`make bench-peers` measures speed, memory and learning of each in a process of its own, on the same worlds with the same
seeds, and writes `benches/results/peers.json`, the plots beside it and the table of the README. The order of reading:
`world` (what is learned), `learner` (the protocol) and `adapters/` (a file a library), `speed`, `quality`, `latency`
(what is measured), `plan` and `crew` (which jobs run, and how), `results`, `table`, `plots`, `readme` (what comes out).
"""
