// What a ruling can be, and why.

/// The four outcomes; only PERMIT lets an action run.
package enum Outcome: String, CaseIterable, Sendable {
    /// A permit applies with nothing left to satisfy, no forbid applies, nothing failed.
    case permit = "PERMIT"
    /// A forbid applies, or a structural rule refuses.
    case deny = "DENY"
    /// It would be permitted but for approvals that are not there yet.
    case hold = "HOLD"
    /// No authorization exists: nothing spoke, or the gate could not know.
    case silence = "SILENCE"
}

/// What kind of fact a cause speaks of, so that dashboards keep policy and infrastructure apart.
package enum CauseClass: String, CaseIterable, Sendable {
    /// Policies decided.
    case policy
    /// A rule of the gate decided: halts, identities, idempotency.
    case structure
    /// The bundle does not speak of this.
    case coverage
    /// The gate could not know.
    case infrastructure
}

/// Why a ruling is what it is: a closed list.
package enum Cause: String, CaseIterable, Sendable {
    /// A queue or the actor's budget is at its limit.
    case overloaded
    /// The clocks disagree beyond tolerance.
    case clockUntrusted = "clock_untrusted"
    /// There is no verified bundle.
    case bundleUnavailable = "bundle_unavailable"
    /// The bundle is past its end.
    case bundleExpired = "bundle_expired"
    /// The caller may not ask for this actor.
    case actorMismatch = "actor_mismatch"
    /// The actor is not active.
    case actorDisabled = "actor_disabled"
    /// A halt is in force.
    case halted
    /// The PERMIT of this key was redeemed already.
    case permitRedeemed = "permit_redeemed"
    /// The key belongs to another request.
    case idempotencyConflict = "idempotency_conflict"
    /// The state store did not answer, or is not caught up.
    case stateUnavailable = "state_unavailable"
    /// The bundle has no such surface.
    case unknownSurface = "unknown_surface"
    /// The surface has no such action.
    case unknownAction = "unknown_action"
    /// The schema has no such entity type.
    case unknownType = "unknown_type"
    /// The request does not conform to the surface's schema.
    case requestInvalid = "request_invalid"
    /// A forbid applies.
    case forbidden
    /// A policy raised an evaluation error.
    case policyError = "policy_error"
    /// An approver refused.
    case approvalRefused = "approval_refused"
    /// A permit applies.
    case permitted
    /// A break-glass permit applies under an open override.
    case override
    /// Approvals are missing.
    case approvalRequired = "approval_required"
    /// A permit would apply, but its limit has no room.
    case limitReached = "limit_reached"
    /// Everything was evaluated and no permit applies.
    case noPermit = "no_permit"
    /// The time ran out before the log took the statement.
    case deadlineExceeded = "deadline_exceeded"
    /// The log does not take statements.
    case logUnavailable = "log_unavailable"
    /// A bug of the gate.
    case internalError = "internal_error"

    /// The outcome that this cause belongs to.
    package var outcome: Outcome {
        switch self {
        case .permitted, .override: .permit
        case .forbidden, .halted, .idempotencyConflict, .actorMismatch, .actorDisabled, .approvalRefused,
            .permitRedeemed:
            .deny
        case .approvalRequired: .hold
        case .noPermit, .limitReached, .policyError, .unknownSurface, .unknownAction, .unknownType, .requestInvalid,
            .bundleUnavailable, .bundleExpired, .stateUnavailable, .logUnavailable, .deadlineExceeded, .overloaded,
            .clockUntrusted, .internalError:
            .silence
        }
    }

    /// The class that this cause belongs to.
    package var causeClass: CauseClass {
        switch self {
        case .forbidden, .approvalRefused, .policyError, .permitted, .override, .approvalRequired, .limitReached,
            .noPermit:
            .policy
        case .actorMismatch, .actorDisabled, .halted, .permitRedeemed, .idempotencyConflict: .structure
        case .unknownSurface, .unknownAction, .unknownType, .requestInvalid: .coverage
        case .overloaded, .clockUntrusted, .bundleUnavailable, .bundleExpired, .stateUnavailable, .deadlineExceeded,
            .logUnavailable, .internalError:
            .infrastructure
        }
    }

    /// Whether a settled ruling of this cause answers the same request again while the bundle is the same.
    package var isSticky: Bool {
        switch self {
        case .forbidden, .policyError, .noPermit, .unknownSurface, .unknownAction, .unknownType, .requestInvalid: true
        case .permitted, .override, .approvalRefused: true
        case .limitReached, .approvalRequired, .actorMismatch, .actorDisabled, .halted, .permitRedeemed,
            .idempotencyConflict, .overloaded, .clockUntrusted, .bundleUnavailable, .bundleExpired, .stateUnavailable,
            .deadlineExceeded,
            .logUnavailable, .internalError:
            false
        }
    }
}
