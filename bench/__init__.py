"""Figures against hand-written Spark and the floor, as ratios of one run on one machine."""
