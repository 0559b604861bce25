// Which statements a query wants.

package import Authorization
package import Bytes
import Receipts

/// A question about the log; what is nil is not asked about.
package struct LogFilter: Hashable, Sendable {
    /// The id of the actor.
    package var actor: Text?
    /// The surface.
    package var surface: Text?
    /// The action.
    package var action: Text?
    /// The outcome.
    package var outcome: Outcome?
    /// The cause.
    package var cause: Cause?
    /// A determining policy, `surface/id`.
    package var policy: Text?
    /// The session.
    package var session: Text?
    /// The id of a statement.
    package var id: Identifier?
    /// The earliest time, milliseconds since 1970.
    package var since: Int64?
    /// The time before which it must be.
    package var until: Int64?

    /// Asks about nothing: every statement is wanted.
    package init() {}

    /// Whether a statement is wanted.
    package func matches(_ line: LogLine) -> Bool {
        let header = line.statement.header
        guard id.map({ $0 == header.id }) ?? true, since.map({ header.time >= $0 }) ?? true,
            until.map({ header.time < $0 }) ?? true
        else { return false }
        guard asksAboutDecisions else { return true }
        guard case .decision(let decision) = line.statement else { return matchesActor(line) }
        return (actor.map { $0 == decision.subject.actor.id } ?? true)
            && (surface.map { $0 == line.surface } ?? true)
            && (action.map { $0 == line.action } ?? true)
            && (outcome.map { $0 == decision.ruling.outcome } ?? true)
            && (cause.map { $0 == decision.ruling.cause } ?? true)
            && (policy.map { decision.ruling.policies.listed.contains($0) } ?? true)
            && (session.map { $0 == line.request?.session } ?? true)
    }

    private var asksAboutDecisions: Bool {
        actor != nil || surface != nil || action != nil || outcome != nil || cause != nil || policy != nil
            || session != nil
    }

    /// Halts and identities belong to a question about an actor or a surface alone.
    private func matchesActor(_ line: LogLine) -> Bool {
        guard action == nil, outcome == nil, cause == nil, policy == nil, session == nil else { return false }
        switch line.statement {
        case .halt(let halt): return matches(halt.scope)
        case .resume(let resume): return matches(resume.scope)
        case .identity(let change): return surface == nil && change.identity.name == actor
        case .decision, .redemption, .effect, .bundle, .gate: return false
        }
    }

    private func matches(_ scope: HaltedScope) -> Bool {
        switch scope {
        case .all: true
        case .surface(let name): actor == nil && name == surface
        case .actor(let name): surface == nil && name.id == actor
        }
    }
}
