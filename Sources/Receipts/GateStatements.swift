// The statements of the gate about itself: bundles, start, stop.

package import Authorization
package import Bytes

/// A bundle came into force; it stands before the first ruling under that bundle.
package struct BundleStatement: Hashable, Sendable {
    /// The common members.
    package let header: StatementHeader
    /// The bundle.
    package let bundle: BundleReference

    /// Makes a statement.
    package init(header: StatementHeader, bundle: BundleReference) {
        self.header = header
        self.bundle = bundle
    }

    init(_ predicate: StatementReader) throws(StatementError) {
        header = try StatementHeader(predicate)
        bundle = try BundleReference(predicate.object("bundle"))
        guard try predicate.text("change").string == "loaded" else { throw predicate.invalid("change") }
    }

    /// The statement's bytes.
    ///
    /// - Throws: ``StatementError/tooLong(bytesMax:)``.
    package func encode() throws(StatementError) -> [UInt8] {
        var writer = StatementWriter(capacity: 1_024)
        writer.beginStatement()
        writer.raw("\"bundle\":")
        writer.bundle(bundle)
        writer.raw(",\"change\":\"loaded\"")
        writer.header(header)
        writer.raw(",\"time\":")
        writer.time(header.time)
        writer.endStatement("bundle", subject: "bundle", bundle.digest)
        return try writer.finished()
    }
}

/// The gate started or stopped.
package struct GateStatement: Hashable, Sendable {
    /// What happened.
    package enum Change: Hashable, Sendable {
        /// The gate started: whether the run before ended with a stop, and the text of the log's verifier key.
        case started(clean: Bool, key: Text)
        /// The gate stopped in good order.
        case stopped
    }

    /// The common members.
    package let header: StatementHeader
    /// What happened.
    package let change: Change
    /// The version of the decision semantics.
    package let engine: Text
    /// The digest of the configuration.
    package let configuration: Digest
    /// How many rulings of each cause were counted and not recorded since the last statement of the gate.
    package let refused: [Cause: UInt64]

    /// Makes a statement.
    ///
    /// - Throws: ``StatementError/invalid(_:)`` for a count of 0 or of 2^53 or more.
    package init(
        header: StatementHeader,
        change: Change,
        engine: Text,
        configuration: Digest,
        refused: [Cause: UInt64] = [:]
    ) throws(StatementError) {
        guard refused.values.allSatisfy({ (1..<StatementLimits.integerEnd).contains($0) }) else {
            throw .invalid("refused")
        }
        self.header = header
        self.change = change
        self.engine = engine
        self.configuration = configuration
        self.refused = refused
    }

    init(_ predicate: StatementReader, _ subject: StatementSubject) throws(StatementError) {
        let change: Change
        switch try predicate.text("change").string {
        case "started": change = .started(clean: try predicate.boolean("clean"), key: try predicate.text("key"))
        case "stopped": change = .stopped
        default: throw predicate.invalid("change")
        }
        var refused: [Cause: UInt64] = [:]
        if let counts = try predicate.optionalObject("refused") {
            for cause in Cause.allCases where counts.has(Text(cause.rawValue)) {
                refused[cause] = try counts.integer(Text(cause.rawValue))
            }
        }
        try self.init(
            header: StatementHeader(predicate),
            change: change,
            engine: predicate.text("engine"),
            configuration: subject.digest,
            refused: refused
        )
    }

    /// The statement's bytes.
    ///
    /// - Throws: ``StatementError/tooLong(bytesMax:)``.
    package func encode() throws(StatementError) -> [UInt8] {
        var writer = StatementWriter(capacity: 1_024)
        writer.beginStatement()
        switch change {
        case .started(let clean, _):
            writer.raw("\"change\":\"started\",\"clean\":")
            writer.boolean(clean)
        case .stopped: writer.raw("\"change\":\"stopped\"")
        }
        writer.raw(",\"engine\":")
        writer.text(engine)
        writer.raw(",\"id\":")
        writer.identifier(header.id)
        if case .started(_, let key) = change {
            writer.raw(",\"key\":")
            writer.text(key)
        }
        writer.raw(",\"origin\":")
        writer.text(header.origin)
        writeRefused(to: &writer)
        writer.raw(",\"time\":")
        writer.time(header.time)
        writer.endStatement("gate", subject: "gate", configuration)
        return try writer.finished()
    }

    private func writeRefused(to writer: inout StatementWriter) {
        // A dictionary has another order in every process; the names give the one of the statement.
        var separator: StaticString = ",\"refused\":{"
        for (cause, count) in refused.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            writer.raw(separator)
            writer.word(cause.rawValue)
            writer.raw(":")
            writer.integer(count)
            separator = ","
        }
        if !refused.isEmpty { writer.raw("}") }
    }
}
