from collections.abc import Iterable

from query.monitor.fresh import EXACT, Filed, Fresh, Met


def test_a_conjunction_is_met_if_required_keys_are_present_and_excluded_ones_absent() -> None:
    assert EXACT < 0, "the residues of a query are numbered from 0"
    fresh = Fresh()
    fresh.add(Filed(there=(1, 2), absent=(), slot=0, residue=EXACT))
    fresh.add(Filed(there=(1,), absent=(3,), slot=1, residue=0))
    assert len(fresh) == len(list(fresh)) == 2
    assert fresh.met_by({1, 2, 3}) == Met([0], [EXACT])
    assert fresh.met_by({1}) == Met([1], [0])
    assert fresh.met_by({2}) == Met([], [])


class Asked(set[int]):
    """The keys of an article, recording what they were compared with."""

    def issuperset(self, keys: Iterable[object]) -> bool:
        self.tested = [*getattr(self, "tested", []), tuple(keys)]
        return super().issuperset(self.tested[-1])


def test_only_conjunctions_whose_rarest_key_is_present_are_tested() -> None:
    fresh = Fresh()
    fresh.add(Filed(there=(1, 9), absent=(), slot=0, residue=EXACT))
    fresh.add(Filed(there=(2, 9), absent=(), slot=1, residue=EXACT))
    found = Asked({2, 9})
    assert fresh.met_by(found) == Met([1], [EXACT])
    assert found.tested == [(2, 9)]
