"""Rewards: what judged answers earn, how they are ordered, and what a policy learns from that."""
