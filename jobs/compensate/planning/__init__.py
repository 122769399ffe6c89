"""Planning: what is wrong -> compensations through their life: held, ways, writing, plan, policy, limits."""
