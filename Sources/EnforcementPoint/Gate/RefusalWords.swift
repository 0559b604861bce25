// A refusal in words that a person or a model can act on.

import Authorization
import Bytes

/// Lines about a refusal, the first one being the ruling.
package enum RefusalWords {
    /// Outcome and cause, the policies' sentences, the id, and the hint that goes with the cause.
    package static func lines(_ refusal: Refusal) -> [String] {
        var lines = ["\(refusal.outcome.rawValue) (\(refusal.cause.rawValue))\(refusal.id.map { " \($0)" } ?? "")"]
        for reason in refusal.reasons {
            let policy = Words.line(reason.policy.string, bytesMax: 200)
            lines.append(reason.text.map { "\(policy): \(Words.line($0.string, bytesMax: 500))" } ?? policy)
        }
        if let detail = refusal.detail { lines.append(Words.line(detail.string, bytesMax: 500)) }
        if refusal.outcome == .permit { lines.append("the PERMIT is not this attempt's to use") }
        switch refusal.cause {
        case .permitRedeemed:
            let state = refusal.effect ?? refusal.state
            lines.append("the same request was let through before\(state.map { "; its effect: \($0)" } ?? "")")
        case .approvalRequired: lines.append("people must approve this first")
        case .overloaded, .clockUntrusted, .bundleUnavailable, .bundleExpired, .actorMismatch, .actorDisabled, .halted,
            .idempotencyConflict, .stateUnavailable, .unknownSurface, .unknownAction, .unknownType, .requestInvalid,
            .forbidden, .policyError, .approvalRefused, .permitted, .override, .limitReached, .noPermit,
            .deadlineExceeded, .logUnavailable, .internalError:
            break
        }
        return lines
    }
}
