"""How data flows: sources, pure kernels, the Beam graph, the driver and the command line.

Pure: `conform`, `boundary`, `location`, `footprint`, `stays`, `presence`, `visits`, `fold`, `publish`. Beam: `coder`,
`pooled`, `graph`, `embedded`. Files: `sources/`, `inputs`, `ingest`, `shard_files`, `state`, `closing`, `release`.
"""
