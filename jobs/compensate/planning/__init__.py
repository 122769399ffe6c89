"""Planning: what is wrong -> compensations through their life."""
