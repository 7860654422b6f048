"""How alerts reach people: one file a channel, chosen by sender.py."""
