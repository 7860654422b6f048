"""A process and its surroundings: logs, health, memory."""
