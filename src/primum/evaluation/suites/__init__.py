"""Suites: what recorded verdicts add up to, each equal to its published definition. The registry is `suites.registry`."""
