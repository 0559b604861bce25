// The ruling: a pure function.

package import Authorization
import Bytes
import Cedar

/// Rules one request.
///
/// Pure, total and synchronous: no clock, no I/O, no randomness, and nothing that is iterated has a random order;
/// equal arguments give equal rulings in every process. The first cause that applies, in the order of
/// ``Authorization/Cause``, is the cause; those of infrastructure are the pipeline's. Nothing that fails here
/// permits.
package func rule(_ request: Authorization.Request, _ facts: Facts, _ bundle: PolicyBundle) -> Ruling {
    if let cause = structuralCause(facts) { return .refusing(cause) }
    guard let (surface, authorizer) = bundle.compiled(request.surface) else {
        return .refusing(.unknownSurface, detail: "there is no surface `\(request.surface)`")
    }
    let cedarRequest: Cedar.Request
    do throws(RequestRefusal) {
        cedarRequest = try surface.cedarRequest(request, at: facts.instant)
    } catch {
        return .refusing(error.cause, detail: error.detail)
    }
    return surface.ruling(authorizer.evaluate(cedarRequest))
}

/// The cause that the facts alone give, if they do.
private func structuralCause(_ facts: Facts) -> Cause? {
    switch facts.actor {
    case .mismatch: return .actorMismatch
    case .disabled: return .actorDisabled
    case .active: break
    }
    if facts.isHalted { return .halted }
    switch facts.claim {
    case .redeemed: return .permitRedeemed
    case .conflict: return .idempotencyConflict
    case .none, .own: return nil
    }
}

/// Why a request makes no sense to its surface.
struct RequestRefusal: Error {
    /// A cause of coverage.
    let cause: Cause
    /// What is wrong, for the caller.
    let detail: String

    /// The most Unicode scalars of a detail: the names of a hostile context are not sent back whole.
    static let detailScalarsMax = 400

    init(_ cause: Cause, _ detail: String) {
        self.cause = cause
        let start = detail.unicodeScalars.prefix(Self.detailScalarsMax)
        self.detail = start.endIndex == detail.endIndex ? detail : String(start) + "…"
    }
}

extension Surface {
    /// The request in Cedar's terms, checked against the schema.
    func cedarRequest(
        _ request: Authorization.Request,
        at instant: Int64
    ) throws(RequestRefusal) -> Cedar.Request {
        guard let action = action(request.action) else {
            throw RequestRefusal(.unknownAction, "surface `\(name)` has no action `\(request.action)`")
        }
        guard let actorType = actorType(request.actor.type) else {
            throw RequestRefusal(.unknownType, "the schema declares no entity type `\(request.actor.type)`")
        }
        guard let targetType = targetType(request.target.type) else {
            throw RequestRefusal(.unknownType, "the schema declares no entity type `\(request.target.type)`")
        }
        if settings.irreversible, request.idempotencyKey == nil {
            throw RequestRefusal(.requestInvalid, "surface `\(name)` is irreversible: `idempotency_key` is missing")
        }
        guard action.principals.contains(actorType) else {
            throw RequestRefusal(.requestInvalid, "`\(action.uid)` does not apply to actors of type `\(actorType)`")
        }
        guard action.resources.contains(targetType) else {
            throw RequestRefusal(.requestInvalid, "`\(action.uid)` does not apply to targets of type `\(targetType)`")
        }
        try checkEnvironment(of: request)
        let principal = EntityUID(type: actorType, id: request.actor.id)
        let resource = EntityUID(type: targetType, id: request.target.id)
        for uid in [principal, resource] where !schema.isChoice(uid) {
            throw RequestRefusal(.requestInvalid, "`\(uid)` is not one of the entities that its type lists")
        }
        let context = try ContextReader(schema).context(request.context, as: action.context)
        return Cedar.Request(
            principal: principal,
            action: action.uid,
            resource: resource,
            context: context.setting(Self.gateMember, to: GateMember.value(at: instant))
        )
    }

    /// A command may get those variables alone that the surface lists; `writ exec` puts their names into the context.
    private func checkEnvironment(of request: Authorization.Request) throws(RequestRefusal) {
        guard let granted = settings.execEnvironment, let asked = request.context["environment"] else { return }
        for element in asked.elements {
            guard let name = element.string, granted.contains(name) else {
                let shown = element.string?.string ?? element.token
                throw RequestRefusal(
                    .requestInvalid,
                    "surface `\(self.name)` does not grant the variable `\(shown)` to commands"
                )
            }
        }
    }

    /// The ruling that an evaluation gives: forbid before error, error before permit.
    func ruling(_ evaluation: Evaluation) -> Ruling {
        let errors = evaluation.failures.map { policies[$0.policy.policy].name }.sorted()
        guard evaluation.forbids.isEmpty else {
            return .refusing(.forbidden, reasons: reasons(evaluation.forbids), errors: errors)
        }
        guard errors.isEmpty else {
            return .refusing(.policyError, errors: errors)
        }
        let permits = evaluation.permits.map { policies[$0.policy] }
        // Several permits: the smallest id by bytes; two of one id stand in `common` and in the surface.
        let chosen = permits.min { left, right in left.id == right.id ? left.name < right.name : left.id < right.id }
        guard let chosen else { return .refusing(.noPermit) }
        let grant = Grant(
            policy: chosen.name,
            timeToLiveMilliseconds: chosen.timeToLiveMilliseconds,
            audience: settings.audience
        )
        return .permitting(grant, reasons: reasons(evaluation.permits))
    }

    private func reasons(_ determining: [PolicyReference]) -> [Reason] {
        determining.map { policies[$0.policy] }.sorted { $0.name < $1.name }
            .map { Reason(policy: $0.name, text: $0.reason) }
    }
}
