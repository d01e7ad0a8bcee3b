"""The operator's few pages: create a school, give it its first code. On a host of their own, off by default (T71)."""
