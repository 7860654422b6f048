"""The durable log between the stages: one contract (base.py), one folder or file per implementation."""
