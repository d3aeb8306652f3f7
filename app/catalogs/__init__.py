"""The five sellers' published terms, as catalogues (`*.toml`)."""
