/// A text whose line breaks are still to be chosen (Wadler, "A prettier printer"), as flat arrays.
struct LayoutDocument {
    /// A part of the document, by its place; negative for the empty part.
    typealias Part = Int32

    enum Kind: UInt8 {
        /// A stretch of the source, from byte `a` to byte `b`.
        case source
        /// One of ``words``, at place `a`.
        case word
        /// A line break always.
        case newline
        /// A line break, or a space in a group that fits.
        case line
        /// A line break, or nothing in a group that fits.
        case lineOrNothing
        /// The parts from place `a` on in ``children``, `b` of them.
        case list
        /// The part `a`, indented by `b` more columns.
        case nest
        /// The part `a`, in one line if that fits.
        case group
    }

    struct Node {
        let kind: Kind
        var a: Int32 = 0
        var b: Int32 = 0
    }

    private(set) var nodes: [Node] = []
    private(set) var children: [Part] = []
    private(set) var words: [[UInt8]] = []

    static let nothing: Part = -1

    private mutating func add(_ kind: Kind, _ a: Int32 = 0, _ b: Int32 = 0) -> Part {
        nodes.append(Node(kind: kind, a: a, b: b))
        return Part(nodes.count - 1)
    }

    mutating func source(_ range: ByteRange) -> Part { add(.source, range.start, range.end) }
    mutating func newline() -> Part { add(.newline) }
    mutating func line() -> Part { add(.line) }
    mutating func lineOrNothing() -> Part { add(.lineOrNothing) }

    mutating func word(_ text: StaticString) -> Part {
        let bytes = Array("\(text)".utf8)
        let place = words.firstIndex(of: bytes) ?? words.count
        if place == words.count { words.append(bytes) }
        return add(.word, Int32(place))
    }

    mutating func list(_ parts: [Part]) -> Part {
        let parts = parts.filter { $0 != Self.nothing }
        guard parts.count > 1 else { return parts.first ?? Self.nothing }
        children += parts
        return add(.list, Int32(children.count - parts.count), Int32(parts.count))
    }

    mutating func nest(_ columns: Int, _ part: Part) -> Part {
        part == Self.nothing || columns == 0 ? part : add(.nest, part, Int32(columns))
    }

    mutating func group(_ part: Part) -> Part {
        part == Self.nothing || nodes[Int(part)].kind == .group ? part : add(.group, part)
    }
}
