// One statement of the log with what its evidence tells of it.

package import Authorization
package import Bytes
package import Ledger
package import Receipts

/// A statement as people and filters see it.
package struct LogLine: Sendable {
    /// The entry as it stands in the log.
    package let entry: LogEntry
    /// The statement.
    package let statement: Statement
    /// The request of a decision, if its record was not erased.
    package let request: RequestRecord?
    /// The free text of a halt, if its record was not erased.
    package let note: Text?

    /// Its index.
    package var index: UInt64 { entry.position.index }

    /// Reads an entry.
    ///
    /// - Throws: `StatementError` for a statement that this release does not know; evidence that cannot be read is
    ///   left out.
    package init(_ entry: LogEntry) throws(StatementError) {
        self.entry = entry
        statement = try Statement(parsing: entry.statement)
        var request: RequestRecord?
        var note: Text?
        for record in entry.records {
            switch record.kind {
            case .request: request = try? RequestRecord(parsing: record.content)
            case .note: note = (try? NoteRecord(parsing: record.content))?.text
            case .facts: break
            }
        }
        // A record that does not fit its statement tells nothing of it; `writ log audit` says so.
        if case .decision(let decision) = statement, request?.commitment != decision.subject.commitment {
            request = nil
        }
        self.request = request
        self.note = note
    }

    /// The surface, as the statement or else the request tells it.
    package var surface: Text? {
        guard case .decision(let decision) = statement else { return nil }
        guard case .plain(let name) = decision.subject.surface else { return request?.surface }
        return name
    }

    /// The action, as the statement or else the request tells it.
    package var action: Text? {
        guard case .decision(let decision) = statement else { return nil }
        guard case .plain(let name) = decision.subject.action else { return request?.action }
        return name
    }

    /// The target, as the statement or else the request tells it.
    package var target: EntityName? {
        guard case .decision(let decision) = statement else { return nil }
        guard case .plain(let name) = decision.subject.target else { return request?.target }
        return name
    }

    /// The index of the decision that a redemption or an effect belongs to.
    package var decisionIndex: UInt64? {
        switch statement {
        case .redemption(let redemption): redemption.decision.index
        case .effect(let effect): effect.decision.index
        case .decision, .halt, .resume, .identity, .bundle, .gate: nil
        }
    }

    /// The line as one JSON object: place, statement, and what its evidence tells.
    package var json: [UInt8] {
        var writer = JSONWriter(capacity: 1_024)
        writer.beginObject()
        writer.member("index", index)
        writer.member("leaf", Text(entry.leaf.hex))
        if let note { writer.member("note", note) }
        if let request {
            writer.name("request")
            writer.raw(request.encoded)
        }
        writer.name("statement")
        writer.raw(entry.statement)
        writer.member("type", Text(statement.typeName))
        writer.endObject()
        return writer.bytes
    }

    /// The line in words: index, time, kind and the gist.
    package var words: String {
        "\(index)\t\(StatementTime.text(statement.header.time))\t\(statement.typeName)\t\(gist)"
    }

    private var gist: String {
        switch statement {
        case .decision(let decision):
            let what = "\(surface?.string ?? "?")/\(action?.string ?? "?") on \(target?.description ?? "(blinded)")"
            let by = decision.ruling.policies.listed.first.map { " by \($0)" } ?? ""
            let redeemed = decision.ruling.permit?.redemption.map { ", redeemed by \($0.by)" } ?? ""
            return "\(decision.ruling.outcome.rawValue) \(decision.ruling.cause.rawValue) \(decision.subject.actor): "
                + "\(what)\(by)\(redeemed) \(decision.header.id.text)"
        case .redemption(let redemption):
            return "of statement \(redemption.decision.index) by \(redemption.redemption.by)"
        case .effect(let effect):
            let finding = effect.report.contradicts == nil ? "" : ", contradicts the first report"
            let what = effect.report.effect.rawValue
            return "\(what) of statement \(effect.decision.index) by \(effect.reporter.by)\(finding)"
        case .halt(let halt): return "\(halt.scope.words) by \(halt.by)\(note.map { ": \($0)" } ?? "")"
        case .resume(let resume): return "\(resume.scope.words) by \(resume.by)"
        case .identity(let change):
            return
                "\(change.change.rawValue) \(change.identity.name) (\(change.identity.role.rawValue)) by \(change.by)"
        case .bundle(let bundle):
            return "\(bundle.bundle.name) version \(bundle.bundle.version) sha256:\(bundle.bundle.digest.hex)"
        case .gate(let gate):
            switch gate.change {
            case .started(let clean, _): return clean ? "started" : "started; the run before ended unclean"
            case .stopped: return "stopped"
            }
        }
    }
}

extension HaltedScope {
    /// The scope as people read it.
    var words: String {
        switch self {
        case .all: "all"
        case .surface(let name): "surface \(name)"
        case .actor(let name): "actor \(name.id)"
        }
    }
}
