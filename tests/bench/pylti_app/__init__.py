"""The contender of `tests.bench.peer_launch`: a plain Django app on PyLTI1p3, built as its README shows.

It stores what a launch tells (user, context, membership, resource link) by Django's own `update_or_create`, and
answers the launch with the page itself. Tuned (`PEER_TUNED=1`), it also keeps the platform's key set two hours in the
process, of which the README warns, and stores its rows in one transaction.
"""
