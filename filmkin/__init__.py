"""The domain: what a film is, what makes two films kin. Pure Python, NumPy and SciPy."""
