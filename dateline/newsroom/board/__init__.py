"""The board: the pages of lists and figures, as values."""
