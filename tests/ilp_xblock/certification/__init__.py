"""The platform's side of certification: good cases and bad payloads, each named by what is wrong with it.

The tool's side is in `tests/certification`; the two are Django projects of their own, hence two directories.
"""
