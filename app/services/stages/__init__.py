"""The stages of an analysis, as jobs. Each module runs one: read rows, call the pure stage, write rows and cursor."""
