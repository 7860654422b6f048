"""Messages, the log that stores them (log/), and the parts that process them: stages, the runner, the supervisor, the
quarantine."""
