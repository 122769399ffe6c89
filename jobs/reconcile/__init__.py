"""States of the legs as of T, with the store's rows -> every key's verdict, and the life of discrepancies."""
