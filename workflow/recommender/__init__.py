"""What people's ratings teach: factors by Spark's ALS, a regression, and a search between them."""
