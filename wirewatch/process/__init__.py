"""What a process is to its surroundings: logs, health, memory."""
