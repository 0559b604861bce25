/// Chooses the line breaks of a document: a group stands in one line if it fits with what follows up to the next break.
///
/// The work is bounded by the size of the document times the width of a line, the stack is explicit.
struct LayoutRenderer {
    private let document: LayoutDocument
    private let source: [UInt8]
    private let width: Int
    private var output: [UInt8] = []
    private var column = 0
    private var open: [Frame] = []

    /// A part of the document that is being written; of a list, from that child on.
    private struct Frame {
        let part: LayoutDocument.Part
        let indent: Int
        let isFlat: Bool
        var child: Int32 = 0
    }

    init(_ document: LayoutDocument, source: [UInt8], width: Int) {
        self.document = document
        self.source = source
        self.width = width
    }

    /// The text of a part; `nil` if it has more than that many bytes.
    mutating func render(_ part: LayoutDocument.Part, bytesMax: Int) -> [UInt8]? {
        guard part != LayoutDocument.nothing else { return [] }
        open = [Frame(part: part, indent: 0, isFlat: false)]
        while let frame = next() {
            write(frame)
            guard output.count <= bytesMax else { return nil }
        }
        return output
    }

    /// Takes the next part that is no list from the stack.
    private mutating func next() -> Frame? {
        while let frame = open.last {
            let node = document.nodes[Int(frame.part)]
            guard node.kind == .list else {
                open.removeLast()
                return frame
            }
            let part = document.children[Int(node.a + frame.child)]
            if frame.child + 1 == node.b { open.removeLast() } else { open[open.count - 1].child += 1 }
            open.append(Frame(part: part, indent: frame.indent, isFlat: frame.isFlat))
        }
        return nil
    }

    private mutating func write(_ frame: Frame) {
        let node = document.nodes[Int(frame.part)]
        switch node.kind {
        case .list: open.append(frame)
        case .source: write(source[Int(node.a)..<Int(node.b)])
        case .word: write(document.words[Int(node.a)][...])
        case .newline: breakLine(frame)
        case .line:
            if frame.isFlat { write([UInt8(ascii: " ")]) } else { breakLine(frame) }
        case .lineOrNothing:
            if !frame.isFlat { breakLine(frame) }
        case .nest:
            open.append(Frame(part: node.a, indent: frame.indent + Int(node.b), isFlat: frame.isFlat))
        case .group:
            let isFlat = frame.isFlat || fits(node.a)
            open.append(Frame(part: node.a, indent: frame.indent, isFlat: isFlat))
        }
    }

    private mutating func write(_ bytes: ArraySlice<UInt8>) {
        output += bytes
        column += TextWidth.columns(bytes)
    }

    /// Breaks the line; the new one is indented as what comes next, or as the break itself at the end.
    private mutating func breakLine(_ frame: Frame) {
        let indent = open.last?.indent ?? frame.indent
        output.append(UInt8(ascii: "\n"))
        output += repeatElement(UInt8(ascii: " "), count: indent)
        column = indent
    }

    /// Whether a part, in one line, and what follows it up to the next possible break fit in the rest of the line.
    private func fits(_ part: LayoutDocument.Part) -> Bool {
        var waiting: [(part: LayoutDocument.Part, child: Int32)] = [(part, 0)]
        var rest = open.count
        var isFlat = true
        var column = column
        while true {
            if waiting.isEmpty {
                guard rest > 0 else { return true }
                rest -= 1
                isFlat = false
                waiting.append((open[rest].part, open[rest].child))
            }
            let (current, child) = waiting.removeLast()
            let node = document.nodes[Int(current)]
            switch node.kind {
            case .list:
                if child + 1 < node.b { waiting.append((current, child + 1)) }
                waiting.append((document.children[Int(node.a + child)], 0))
            case .source: column += TextWidth.columns(source[Int(node.a)..<Int(node.b)])
            case .word: column += TextWidth.columns(document.words[Int(node.a)][...])
            // A break inside of the group makes it not fit; one behind it lets it.
            case .newline: return !isFlat
            case .line:
                guard isFlat else { return true }
                column += 1
            case .lineOrNothing:
                guard isFlat else { return true }
            case .nest, .group: waiting.append((node.a, 0))
            }
            guard column <= width else { return false }
        }
    }
}
