"""Demo: nothing comes in -> a made-up shop with known faults goes through Tieout, injected against found."""
