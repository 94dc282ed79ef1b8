"""The MOCO client: `MocoReader` cannot write, `MocoWriter` can."""

from migrator.moco.reading import Forbidden, MocoReader
from migrator.moco.writing import MocoWriter

__all__ = ["Forbidden", "MocoReader", "MocoWriter"]
