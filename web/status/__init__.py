"""Operations at a glance: what runs, what waits, how late news is, what is dark, and what could not be handled."""
