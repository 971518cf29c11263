"""Our house: the tables we own, one transaction at a time, and the doors to them."""
