from stream.log.kafka.keyed import _rounds


def test_offsets_that_are_near_are_read_together_and_far_ones_apart() -> None:
    wanted = [(0, 5), (0, 900), (0, 5_000), (1, 7)]
    assert list(_rounds(wanted)) == [({0: 5_000, 1: 7}, {0: 5_001, 1: 8}), ({0: 5}, {0: 901})]
    assert list(_rounds([])) == []
