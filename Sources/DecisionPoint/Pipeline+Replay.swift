// The first answer of a key again, and the answer of a decision by its id.

package import Authorization
package import Bytes
import Ledger
import Receipts
import Runtime
import State
import StrictPolicy

/// Why a decision cannot be shown.
package enum DecisionLookup: Sendable {
    /// The decision, and the connection that asked for it.
    case found(DecisionAnswer, connection: Text)
    /// No such decision.
    case unknown
    /// The state or the log does not answer.
    case unavailable(Cause)
}

extension Pipeline {
    /// The decision with an id as it stands now, never with dispatch.
    package func lookUp(_ id: Identifier) -> DecisionLookup {
        let moment = moment()
        guard moment.isOpen else { return .unavailable(.stateUnavailable) }
        do {
            guard let entry = try parts.state.entry(id: id) else { return .unknown }
            return .found(try describe(entry, moment), connection: entry.connection)
        } catch {
            return .unavailable(error is StateError ? .stateUnavailable : .internalError)
        }
    }

    /// The first receipt of the key again.
    ///
    /// Dispatch only for the attempt that redeemed, as long as it may start the action.
    func replay(_ entry: DecisionEntry, _ question: Question, _ moment: PipelineShared.Moment) throws -> DecisionAnswer
    {
        var answer = try describe(entry, moment)
        answer.isReplayed = true
        if let standing = entry.redemption, let asked = question.redemption, standing.by == asked.by,
            standing.attempt == asked.attempt
        {
            // INVARIANT (dispatch): the fourth place. The same attempt of the same enforcement point lost its answer
            // and asks again in time.
            answer.dispatch = mayRepeatDispatch(entry, moment)
        }
        return answer
    }

    /// What the log and the state say of a decision.
    private func describe(_ entry: DecisionEntry, _ moment: PipelineShared.Moment) throws -> DecisionAnswer {
        let statement = try decision(at: entry)
        var answer = DecisionAnswer(id: entry.id, cause: entry.cause, surface: "")
        let records = try parts.log.records(at: entry.position)
        if let record = records.first(where: { $0.kind == .request }) {
            let request = try RequestRecord(parsing: record.content)
            answer.nonce = request.nonce
            answer.surface = request.surface
        }
        answer.reasons = statement.ruling.policies.listed.map { policy in
            Reason(
                policy: policy,
                text: entry.bundleDigest == moment.bundle?.identity.digest ? moment.bundle?.reason(of: policy) : nil
            )
        }
        answer.errors = statement.ruling.errors.listed
        answer.bundle = statement.basis.bundle.map(\.identity)
        let state = entry.state(at: moment.instant)
        answer.state = state == .refused ? nil : state
        answer.actBy = entry.redemption?.actBy
        answer.expires = entry.expires
        answer.effect = entry.effect
        answer.proof = Proof(index: entry.index, receipt: try parts.log.receipt(at: entry.position))
        return answer
    }

    /// The statement of a decision; it must be the one that the state speaks of.
    func decision(at entry: DecisionEntry) throws -> DecisionStatement {
        let bytes = try parts.log.statement(at: entry.position)
        guard case .decision(let statement) = try Statement(parsing: bytes), statement.header.id == entry.id else {
            throw StateError.corrupt("the statement at index \(entry.index) is not the decision `\(entry.id.text)`")
        }
        return statement
    }
}

extension DecisionEntry {
    /// Where its statement stands in the log.
    var position: EntryPosition { EntryPosition(index: index, treeSize: treeSize, segment: segment, offset: offset) }

    /// The reference that other statements make to it.
    var reference: Reference { Reference(index: index, leaf: leaf) }

    /// What a later statement says of it.
    var original: Original { Original(reference: reference, commitment: commitment) }
}

extension RedemptionEntry {
    /// Where its statement stands in the log.
    var position: EntryPosition { EntryPosition(index: index, treeSize: treeSize, segment: segment, offset: offset) }
}

extension EffectEntry {
    /// Where its statement stands in the log.
    var position: EntryPosition { EntryPosition(index: index, treeSize: treeSize, segment: segment, offset: offset) }
}
