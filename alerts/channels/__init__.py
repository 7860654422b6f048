"""How alerts reach people: one file per channel, chosen by sender.py."""
