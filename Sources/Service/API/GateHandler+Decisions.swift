// Decisions, redemptions and effects.

import Authorization
import Bytes
import DecisionPoint
import HTTP
import Receipts

extension GateHandler {
    func decide(_ body: [UInt8], _ caller: Caller, _ ticket: Ticket) throws(Problem) {
        let request: Request
        do throws(RequestError) {
            request = try Request(parsing: body)
        } catch {
            throw Problem(.malformedRequest, error.description)
        }
        guard request.attempt == nil || caller.role == .enforcement else {
            throw Problem(.forbiddenRole, "only the role `enforcement` redeems: leave `redeem` out")
        }
        let redeemer = request.attempt == nil ? nil : caller.name
        pipeline.decide(request, caller: caller) { [self] in deliver(.decision($0, redeemer: redeemer), ticket) }
    }

    func lookUp(_ id: Identifier, _ caller: Caller, _ ticket: Ticket) throws(Problem) {
        switch pipeline.lookUp(id) {
        case .found(let answer, let connection):
            switch caller.role {
            case .operator, .auditor: break
            case .actor, .enforcement:
                // Whose decision it is is nobody else's business, not even that it exists.
                guard connection == caller.connection else {
                    throw Problem(.unknownDecision, "there is no such decision")
                }
            }
            send(.ok, "application/json", explained(answer, redeemer: nil).json(), ticket)
        case .unknown: throw Problem(.unknownDecision, "there is no such decision")
        case .unavailable(let cause): throw .unavailable(cause, "the gate cannot look the decision up now")
        }
    }

    func redeem(_ id: Identifier, _ body: [UInt8], _ caller: Caller, _ ticket: Ticket) throws(Problem) {
        let attempt = try RedeemBody(parsing: body).attempt
        pipeline.redeem(id, attempt: attempt, caller: caller) { [self] in deliver(.redemption($0), ticket) }
    }

    func report(_ id: Identifier, _ body: [UInt8], _ caller: Caller, _ ticket: Ticket) throws(Problem) {
        let report = try EffectBody(parsing: body)
        pipeline.report(id, attempt: report.attempt, report.effect, result: report.result, caller: caller) { [self] in
            deliver(.effect($0), ticket)
        }
    }
}
