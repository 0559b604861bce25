/// A set of values: sorted and free of duplicates, so that equal sets are equal arrays.
public struct ValueSet: Hashable, Sendable {
    /// The members in the order of ``Value``'s `<`.
    public let elements: [Value]

    /// Makes a set of any values, in any order, with any duplicates.
    public init(_ values: [Value]) {
        guard values.count > 1 else {
            elements = values
            return
        }
        var unique: [Value] = []
        unique.reserveCapacity(values.count)
        for value in values.sorted() where unique.last != value { unique.append(value) }
        elements = unique
    }

    /// Whether the set has no members.
    public var isEmpty: Bool { elements.isEmpty }

    /// Whether the value is a member.
    public func contains(_ value: Value) -> Bool {
        if elements.count <= Self.linearMax { return elements.contains(value) }
        var low = 0
        var high = elements.count
        while low < high {
            let middle = (low + high) / 2
            if elements[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < elements.count && elements[low] == value
    }

    /// Whether every member of the other set is a member of this one.
    public func containsAll(_ other: ValueSet) -> Bool { other.elements.allSatisfy(contains) }

    /// Whether the two sets share a member.
    public func containsAny(_ other: ValueSet) -> Bool {
        elements.count < other.elements.count
            ? elements.contains(where: other.contains) : other.elements.contains(where: contains)
    }

    /// Up to this many members, looking at each is faster than a binary search.
    private static let linearMax = 8
}
