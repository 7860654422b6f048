"""The durable log between the stages: one contract (base.py), one file an implementation."""
