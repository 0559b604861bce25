// The numbers that stand for causes and kinds of effects in a row.

internal import Authorization

extension EntryCoding {
    /// The number of a cause; numbers are never reused, a new cause takes the next one and a new schema version.
    static func code(_ cause: Cause) -> UInt8 {
        switch cause {
        case .overloaded: 1
        case .clockUntrusted: 2
        case .bundleUnavailable: 3
        case .bundleExpired: 4
        case .actorMismatch: 5
        case .actorDisabled: 6
        case .halted: 7
        case .permitRedeemed: 8
        case .idempotencyConflict: 9
        case .stateUnavailable: 10
        case .unknownSurface: 11
        case .unknownAction: 12
        case .unknownType: 13
        case .requestInvalid: 14
        case .forbidden: 15
        case .policyError: 16
        case .approvalRefused: 17
        case .permitted: 18
        case .override: 19
        case .approvalRequired: 20
        case .limitReached: 21
        case .noPermit: 22
        case .deadlineExceeded: 23
        case .logUnavailable: 24
        case .internalError: 25
        }
    }

    private static let causes: [UInt8: Cause] = Dictionary(
        uniqueKeysWithValues: Cause.allCases.map { (code($0), $0) }
    )

    /// The cause of a number; nil if there is none.
    static func cause(_ code: UInt8) -> Cause? {
        causes[code]
    }

    /// The number of a kind of effect.
    static func code(_ kind: EffectKind) -> UInt8 {
        switch kind {
        case .executed: 1
        case .failed: 2
        case .notStarted: 3
        }
    }

    /// The kind of effect of a number; nil if there is none.
    static func effectKind(_ code: UInt8) -> EffectKind? {
        EffectKind.allCases.first { self.code($0) == code }
    }
}
