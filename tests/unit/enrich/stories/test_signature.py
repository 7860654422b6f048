import random

from hypothesis import given
from hypothesis import strategies as st

from enrich.stories.signature import SIGNATURE, SKETCH, equal_places, fingerprints


def text(seed: int) -> str:
    chosen = random.Random(seed)
    return " ".join(f"w{chosen.randrange(3000)}" for _ in range(100))


def test_fingerprints_do_not_change_between_versions() -> None:
    """They are stored in people's logs."""
    signature, sketch = fingerprints(text(1))
    assert signature.tobytes().hex()[:32] == "ef536a4a71403622cc0d804920296c77"
    assert sketch.tobytes().hex() == "dfca9600961c1f025da63005d9c44e0a2f3aba0a41143d13"


@given(st.text(max_size=3000))
def test_fingerprints_have_one_size_and_are_reproducible(any_text: str) -> None:
    signature, sketch = fingerprints(any_text)
    assert len(signature) in (0, SIGNATURE)
    assert len(sketch) == 0 if not len(signature) else 0 < len(sketch) <= SKETCH
    again = fingerprints(any_text)
    assert (signature.tobytes(), sketch.tobytes()) == (again[0].tobytes(), again[1].tobytes())


def test_equal_places_estimate_how_much_two_texts_share() -> None:
    whole = text(1)
    half = " ".join(whole.split()[:50])
    signatures = [fingerprints(one)[0] for one in (whole, half, text(2))]
    equal = [int(equal_places(signatures[0], one[None, :])[0]) for one in signatures]
    assert equal[0] == 80
    assert 25 < equal[1] < 60
    assert equal[2] < 15
