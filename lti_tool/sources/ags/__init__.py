"""Evidence from the gradebook columns a platform shows us over AGS, for the people its roster names."""

from .source import AgsSource

__all__ = ["AgsSource"]
