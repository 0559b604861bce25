// What a refusal means, for the one who asked.

import Authorization
import Bytes
import DecisionPoint
import State
import StrictPolicy

/// Words for rulings that no policy explains.
enum CauseWords {
    /// What a cause of structure says; nil where policies, the request's own detail or the gate's state say it.
    static func detail(_ cause: Cause) -> String? {
        switch cause {
        case .actorMismatch: "the caller may not ask for this actor on this surface"
        case .actorDisabled: "no active identity of role `actor` has the actor's name"
        case .halted: "a halt is in force: of the gate, the surface, the actor or the caller"
        case .permitRedeemed: "the PERMIT of this idempotency key was redeemed before; it lets act once"
        case .idempotencyConflict: "the idempotency key belongs to another request"
        case .overloaded, .clockUntrusted, .bundleUnavailable, .bundleExpired, .stateUnavailable, .unknownSurface,
            .unknownAction, .unknownType, .requestInvalid, .forbidden, .policyError, .approvalRefused, .permitted,
            .override, .approvalRequired, .limitReached, .noPermit, .deadlineExceeded, .logUnavailable, .internalError:
            nil
        }
    }
}

extension GateHandler {
    /// The answer with words for what its cause leaves open; what it has already stays.
    ///
    /// `redeemer` is the caller that wanted to redeem at once.
    func explained(_ answer: DecisionAnswer, redeemer: Text?) -> DecisionAnswer {
        guard answer.detail == nil else { return answer }
        var answer = answer
        answer.detail =
            answer.outcome == .permit ? outsideOfAudience(answer, redeemer) : CauseWords.detail(answer.cause)
        return answer
    }

    /// Why a PERMIT was not redeemed for an enforcement point that its surface does not name.
    private func outsideOfAudience(_ answer: DecisionAnswer, _ redeemer: Text?) -> String? {
        guard let redeemer, !answer.dispatch, answer.state == .permitted,
            let audience = pipeline.bundle?.surface(answer.surface)?.settings.audience, !audience.contains(redeemer)
        else { return nil }
        let names = audience.map { "`\($0)`" }.joined(separator: ", ")
        return "not redeemed: `\(redeemer)` is not in the audience of surface `\(answer.surface)`, which is \(names)"
    }
}
