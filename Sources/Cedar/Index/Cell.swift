/// A value while a policy is evaluated: trivial, so that copying one counts no references.
///
/// What has a number of its own, such as a text or an entity of the program, is compared by that number; everything
/// else is `opaque` and stands in a list of whole values.
struct Cell: BitwiseCopyable, Sendable {
    enum Tag: UInt8, BitwiseCopyable, Sendable {
        /// Not computed yet; as a result: it cannot be told here, ask the plain evaluator.
        case pending
        /// Something on the path to an attribute is neither an entity nor a record.
        case broken
        /// Something on the path to an attribute is missing.
        case absent
        /// `bits`: 0 or 1.
        case bool
        /// `bits`: the integer.
        case long
        /// `bits`: in ten-thousandths.
        case decimal
        /// `bits`: milliseconds since 1970.
        case datetime
        /// `bits`: milliseconds.
        case duration
        /// `bits`: the number of a text of the program.
        case string
        /// `bits`: the number of an entity of the program.
        case entity
        /// A set of entities of the program. `bits`: the first of `count` ascending numbers in the program's list.
        case entitySet
        /// The part of a record in the store that policies mention. `bits`: the first of `count` attributes.
        case record
        /// `bits`: the place of a value among the program's, or, counted down from -1, among those of the request.
        case opaque
    }

    var tag: Tag
    /// The kind of an opaque value.
    var kind: Value.Kind = .bool
    var count: Int32 = 0
    var bits: Int64 = 0

    static let pending = Cell(tag: .pending)
    static let broken = Cell(tag: .broken)
    static let absent = Cell(tag: .absent)

    static func bool(_ value: Bool) -> Cell { Cell(tag: .bool, bits: value ? 1 : 0) }
    static func entity(_ number: Int32) -> Cell { Cell(tag: .entity, bits: Int64(number)) }

    /// A value that needs no number, if it is one.
    init?(scalar value: Value) {
        switch value {
        case .bool(let value): self.init(tag: .bool, bits: value ? 1 : 0)
        case .long(let value): self.init(tag: .long, bits: value)
        case .decimal(let value): self.init(tag: .decimal, bits: value.tenThousandths)
        case .datetime(let value): self.init(tag: .datetime, bits: value.milliseconds)
        case .duration(let value): self.init(tag: .duration, bits: value.milliseconds)
        case .string, .entity, .set, .record, .ipaddr: return nil
        }
    }

    init(tag: Tag, kind: Value.Kind = .bool, count: Int32 = 0, bits: Int64 = 0) {
        self.tag = tag
        self.kind = kind
        self.count = count
        self.bits = bits
    }

    /// An opaque value at a place; see ``Tag/opaque``.
    init(opaque value: Value, at place: Int) {
        self.init(tag: .opaque, kind: value.kind, bits: Int64(place))
    }

    /// The number of an entity or a text of the program.
    var number: Int32 { Int32(truncatingIfNeeded: bits) }
}

/// What an attribute can be found to be, as a set.
struct CellKinds: OptionSet, Hashable, BitwiseCopyable, Sendable {
    let rawValue: UInt16

    static let bool = CellKinds(.bool)
    static let long = CellKinds(.long)
    static let string = CellKinds(.string)
    static let entity = CellKinds(.entity)
    /// A set with a member that is no entity.
    static let set = CellKinds(.set)
    static let record = CellKinds(.record)
    static let decimal = CellKinds(.decimal)
    static let ipaddr = CellKinds(.ipaddr)
    static let datetime = CellKinds(.datetime)
    static let duration = CellKinds(.duration)
    /// A set of entities alone, perhaps of none.
    static let entitySet = CellKinds(rawValue: 1 << 10)
    /// Nothing, because something on the path is missing.
    static let absent = CellKinds(rawValue: 1 << 11)

    /// What meets no demand: something on the path has no attributes, or it cannot be told.
    ///
    /// It is not the empty set, which every demand contains.
    static let none = CellKinds(rawValue: 1 << 12)

    /// Whatever is a value.
    static let any = CellKinds(rawValue: (1 << 11) - 1)

    init(rawValue: UInt16) { self.rawValue = rawValue }

    init(_ kind: Value.Kind) { self.init(rawValue: 1 << UInt16(kind.rawValue)) }

    /// The kinds of a value.
    init(of value: Value) {
        guard case .set(let set) = value else {
            self.init(value.kind)
            return
        }
        self = set.elements.allSatisfy { $0.kind == .entity } ? .entitySet : .set
    }
}
