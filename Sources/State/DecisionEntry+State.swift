// What a decision is at an instant: derived, never stored.

import Authorization

/// Where a decision stands; see docs/concepts/state-machines.md.
package enum DecisionState: String, CaseIterable, Sendable {
    /// A PERMIT that may still be redeemed.
    case permitted
    /// Redeemed; the report may still come in time.
    case redeemed
    /// The action was run.
    case executed
    /// The action was refused by the other side, or broke.
    case failed
    /// The action was not started.
    case notStarted = "not_started"
    /// Redeemed, and no report by the surface's limit: never run again by a machine.
    case unknown
    /// A PERMIT that ended unredeemed.
    case expired
    /// Not a PERMIT.
    case refused
}

extension DecisionEntry {
    /// Where the decision stands at an instant, milliseconds since 1970.
    ///
    /// A PERMIT is live before `expires`, and no longer at it. A redeemed one is awaited up to and including
    /// `act_by` plus the surface's limit.
    package func state(at now: Int64) -> DecisionState {
        guard cause.outcome == .permit else { return .refused }
        guard let redemption else {
            guard let expires, now < expires else { return .expired }
            return .permitted
        }
        switch effect?.kind {
        case .executed: return .executed
        case .failed: return .failed
        case .notStarted: return .notStarted
        case nil: return now > redemption.actBy.adding(effectMilliseconds) ? .unknown : .redeemed
        }
    }

    /// Whether nothing more is to come: refused, expired, or with an effect.
    package func isSettled(at now: Int64) -> Bool {
        settledInstant(at: now) != nil
    }

    /// Whether the key of the decision is still claimed at an instant.
    ///
    /// The window starts when the action is settled. What is live, redeemed without a report, or `unknown` never
    /// leaves it.
    package func remembers(at now: Int64) -> Bool {
        guard let settled = settledInstant(at: now) else { return true }
        return now < settled.adding(windowMilliseconds)
    }

    private func settledInstant(at now: Int64) -> Int64? {
        switch state(at: now) {
        case .permitted, .redeemed, .unknown: nil
        case .refused: instant
        case .expired: expires ?? instant
        case .executed, .failed, .notStarted: effect?.at
        }
    }
}

extension Int64 {
    /// The sum, or the nearest representable number.
    fileprivate func adding(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        guard overflow else { return sum }
        return other < 0 ? .min : .max
    }
}
