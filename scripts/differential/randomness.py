"""Seeded randomness that is the same in every version of Python: splitmix64."""

MASK = (1 << 64) - 1


class Random:
    """A stream of numbers that its seed, two integers, determines."""

    def __init__(self, seed, stream=0):
        self.state = (seed * 0x9E3779B97F4A7C15 + stream * 0xD1342543DE82EF95 + 0x2545F4914F6CDD1D) & MASK
        self.next()

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        value = self.state
        value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
        return value ^ (value >> 31)

    def below(self, bound):
        """A number from 0 up to, and without, the bound; the bias of at most 2^-50 is of no matter here."""
        return self.next() % bound

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def chance(self, percent):
        return self.below(100) < percent

    def choice(self, items):
        return items[self.below(len(items))]

    def some(self, items, most):
        """Up to so many of the items, none twice, in their order."""
        count = self.below(min(most, len(items)) + 1)
        chosen = set()
        while len(chosen) < count:
            chosen.add(self.below(len(items)))
        return [items[index] for index in sorted(chosen)]

    def shuffled(self, items):
        items = list(items)
        for index in range(len(items) - 1, 0, -1):
            other = self.below(index + 1)
            items[index], items[other] = items[other], items[index]
        return items
