// What the pipeline answered, as HTTP.

package import Authorization
import Bytes
import DecisionPoint
package import HTTP
import Receipts
import State

/// An answer of the pipeline to one call.
enum Reply: Sendable {
    /// To a request; with the caller's name if it wanted to redeem at once.
    case decision(DecisionReply, redeemer: Text?)
    /// To a redemption.
    case redemption(RedemptionReply)
    /// To a report.
    case effect(EffectReply)
    /// To a change of identities or halts; what is said beside the proof, without its braces.
    case authority(AuthorityReply, said: [UInt8])
}

extension GateHandler {
    /// Sends an answer of the pipeline; on the loop's thread.
    func send(_ reply: Reply, _ ticket: Ticket) {
        switch reply {
        case .decision(.ruled(let answer), let redeemer):
            let body = explained(answer, redeemer: redeemer).json()
            send(StatusOf.ruling(answer.cause), "application/json", body, ticket)
        case .decision(.pending, _), .redemption(.pending), .effect(.pending), .authority(.pending, _):
            send(Problem.pending, ticket)
        case .redemption(let reply): send(reply, ticket)
        case .effect(let reply): send(reply, ticket)
        case .authority(let reply, let said): send(reply, said, ticket)
        }
    }

    private func send(_ reply: RedemptionReply, _ ticket: Ticket) {
        switch reply {
        case .answered(let answer):
            send(StatusOf.ruling(answer.cause), "application/json", answer.redemptionJSON, ticket)
        case .pending: send(Problem.pending, ticket)
        case .unknown: send(Problem(.unknownDecision, "there is no such decision"), ticket)
        case .notRedeemable(let state):
            let word = state == .refused ? "the outcome was no PERMIT" : "the PERMIT is \(state.rawValue)"
            send(Problem(.notRedeemable, word, state: Text(state.rawValue)), ticket)
        case .notInAudience:
            send(Problem(.notInAudience, "the PERMIT is for other enforcement points"), ticket)
        case .unavailable(let cause): send(.unavailable(cause, "the gate cannot redeem now"), ticket)
        }
    }

    private func send(_ reply: EffectReply, _ ticket: Ticket) {
        switch reply {
        case .recorded(let id, let effect, let proof):
            var writer = JSONWriter(capacity: 512 + proof.receipt.count)
            writer.beginObject()
            writer.member("id", id.text)
            writer.member("state", Text(effect.kind.rawValue))
            writer.member("index", proof.index)
            writer.name("receipt")
            writer.string(utf8: proof.receipt)
            writer.endObject()
            send(.ok, "application/json", writer.bytes, ticket)
        case .contradicts(let standing):
            send(Problem(.effectStands, "`\(standing.kind.rawValue)` was reported first and stands"), ticket)
        case .pending: send(Problem.pending, ticket)
        case .unknown: send(Problem(.unknownDecision, "there is no such decision"), ticket)
        case .notTheRedeemer:
            send(Problem(.notTheRedeemer, "the decision was not redeemed by you with this attempt"), ticket)
        case .unavailable(let cause): send(.unavailable(cause, "the gate cannot record the effect now"), ticket)
        }
    }

    private func send(_ reply: AuthorityReply, _ said: [UInt8], _ ticket: Ticket) {
        switch reply {
        case .recorded(let proof):
            var writer = JSONWriter(capacity: 512 + said.count + proof.receipt.count)
            writer.member("index", proof.index)
            writer.name("receipt")
            writer.string(utf8: proof.receipt)
            let body = [UInt8(ascii: "{")] + said + [UInt8(ascii: ",")] + writer.bytes + [UInt8(ascii: "}")]
            send(.ok, "application/json", body, ticket)
        case .refused(let why): send(Problem(.refused, why), ticket)
        case .unavailable(let cause):
            send(.unavailable(cause, "the log does not take the statement; a halt is in force all the same"), ticket)
        case .pending: send(Problem.pending, ticket)
        }
    }
}

/// The status of a ruling.
package enum StatusOf {
    /// 200, but 503 where the gate could not know.
    package static func ruling(_ cause: Cause) -> HTTPStatus {
        switch cause.causeClass {
        case .policy, .structure, .coverage: .ok
        case .infrastructure: .serviceUnavailable
        }
    }
}

extension DecisionAnswer {
    /// The answer to a redemption: what an enforcement point needs, and nothing about the question.
    var redemptionJSON: [UInt8] {
        var writer = JSONWriter(capacity: 512 + (proof?.receipt.count ?? 0))
        writer.beginObject()
        writer.member("id", id.text)
        writer.member("outcome", Text(outcome.rawValue))
        writer.member("cause", Text(cause.rawValue))
        writer.member("dispatch", dispatch)
        if let state, state != .refused { writer.member("state", Text(state.rawValue)) }
        if let actBy { writer.member("act_by", StatementTime.text(actBy)) }
        if let effect {
            writer.name("effect")
            effect.write(to: &writer)
        }
        if isReplayed { writer.member("replayed", true) }
        if let original {
            writer.name("original")
            writer.string(utf8: original)
        }
        if let proof {
            writer.member("index", proof.index)
            writer.name("receipt")
            writer.string(utf8: proof.receipt)
        }
        writer.endObject()
        return writer.bytes
    }
}
