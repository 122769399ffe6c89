"""States of the legs as of T, the store's rows -> every key's verdict, and the discrepancies' lifecycles."""
