"""Decides how the members of a group share the partitions of a topic; pure functions."""

from collections.abc import Mapping, Sequence


def share(owners: Mapping[int, int | None], members: Sequence[int]) -> dict[int, int | None]:
    """Assign each partition to a member: evenly (counts differ by one at most), and moving as few as possible.

    The idea is Kafka's "sticky" assignor (KIP-54). The same input gives the same answer in every process.

    Args:
        owners: each partition, and its current owner (None or a member that is gone: it is free).
        members: the ids of the living members.

    Returns:
        The new owner of each partition; None for all if there are no members.
    """
    room = _quotas(owners, members)
    shared: dict[int, int | None] = dict.fromkeys(sorted(owners))
    for partition in shared:
        owner = owners[partition]
        if owner is not None and room.get(owner, 0) > 0:
            room[owner] -= 1
            shared[partition] = owner
    takers = (member for member in sorted(room) for _ in range(room[member]))
    return {partition: next(takers, None) if owner is None else owner for partition, owner in shared.items()}


def _quotas(owners: Mapping[int, int | None], members: Sequence[int]) -> dict[int, int]:
    """How many partitions each member gets: any remainder goes to those that have most now."""
    if not members:
        return {}
    least, odd = divmod(len(owners), len(members))
    held = list(owners.values())
    richest_first = sorted(members, key=lambda member: (-held.count(member), member))
    return {member: least + (rank < odd) for rank, member in enumerate(richest_first)}
