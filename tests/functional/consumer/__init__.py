"""A platform that none of us wrote: Open edX's own LTI consumer, run as a small Django project on loopback.

Its views, models, tokens and messages are its own; only what it asks of edx-platform is answered by `school`.
"""
