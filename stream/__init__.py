"""What flows (messages), where it lies (log/), and how it is worked on: stages, the runner, the supervisor, the quarantine."""
