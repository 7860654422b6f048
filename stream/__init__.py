"""Messages, the log that stores them (log/), and what processes them: stages, the runner, the supervisor, the quarantine."""
