"""Uploads: what a file is by its content, made anew without what it should not carry (T23, T66)."""
