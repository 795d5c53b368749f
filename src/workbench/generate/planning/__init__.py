"""What the planner is made of: reckoning, the space, the numbers, the steps; and how a model is asked."""
