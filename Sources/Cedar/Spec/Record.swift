public import Bytes

/// A record: named values, sorted by the bytes of their names, so that equal records are equal arrays.
public struct Record: Hashable, Sendable {
    /// One named value of a record.
    public struct Field: Hashable, Comparable, Sendable {
        /// The name.
        public let name: Text
        /// The value.
        public let value: Value

        /// Makes a named value.
        public init(_ name: Text, _ value: Value) {
            self.name = name
            self.value = value
        }

        /// Orders by name, then by value.
        public static func < (left: Field, right: Field) -> Bool {
            left.name == right.name ? left.value < right.value : left.name < right.name
        }
    }

    /// The fields, sorted by name.
    public let fields: [Field]

    /// The record without fields.
    public static let empty = Record(sorted: [])

    /// Makes a record of fields in any order.
    ///
    /// - Returns: `nil` if two fields have the same name.
    public init?(_ fields: [Field]) {
        let sorted = Self.isSorted(fields) ? fields : fields.sorted { $0.name < $1.name }
        guard Self.isSorted(sorted) else { return nil }
        self.fields = sorted
    }

    /// Takes fields that are sorted by name and have no duplicates.
    init(sorted fields: [Field]) {
        self.fields = fields
    }

    /// The value of that name, if the record has one.
    public subscript(name: Text) -> Value? {
        guard let index = index(of: name) else { return nil }
        return fields[index].value
    }

    /// Whether the record has a value of that name.
    public func contains(_ name: Text) -> Bool { index(of: name) != nil }

    /// This record with one more field, or with that field replaced.
    public func setting(_ name: Text, to value: Value) -> Record {
        var changed = fields
        if let index = index(of: name) {
            changed[index] = Field(name, value)
        } else {
            let index = changed.firstIndex { name < $0.name } ?? changed.count
            changed.insert(Field(name, value), at: index)
        }
        return Record(sorted: changed)
    }

    /// The position of the field of that name.
    func index(of name: Text) -> Int? {
        if fields.count <= Self.linearMax { return fields.firstIndex { $0.name == name } }
        var low = 0
        var high = fields.count
        while low < high {
            let middle = (low + high) / 2
            if fields[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return low < fields.count && fields[low].name == name ? low : nil
    }

    private static func isSorted(_ fields: [Field]) -> Bool {
        guard fields.count > 1 else { return true }
        return (1..<fields.count).allSatisfy { fields[$0 - 1].name < fields[$0].name }
    }

    /// Up to this many fields, looking at each is faster than a binary search.
    private static let linearMax = 8
}
