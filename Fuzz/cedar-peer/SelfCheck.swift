import Bytes
import Cedar

/// What has to agree within the library: the compiled index, partial evaluation and batches, with the plain evaluation.
struct SelfCheck {
    let policies: PolicySet
    let entities: Entities
    private let prepared: PreparedAuthorizer
    /// The schema, if policies, entities and requests all conform to it.
    private let schema: Schema?
    private var random: Random
    /// What does not agree.
    private(set) var faults: [String] = []
    /// How many requests were evaluated in part.
    private(set) var partialCount = 0

    init(_ policies: PolicySet, _ entities: Entities, _ schema: Schema?, seed: Int64) {
        self.policies = policies
        self.entities = entities
        self.schema = schema
        prepared = PreparedAuthorizer(policies, entities)
        random = Random(state: UInt64(bitPattern: seed))
    }

    /// Decides a request in every other way.
    mutating func check(_ request: Request, _ expected: Evaluation) {
        let indexed = prepared.evaluate(request)
        if indexed != expected { faults.append("index: \(indexed), plain: \(expected)") }
        guard let schema else { return }
        partialCount += 1
        do {
            try checkPartial(request, schema, expected)
            let decision = try policies.isAuthorizedBatched(request, schema: schema) { uids in
                uids.compactMap { entities[$0] }
            }
            if decision != expected.decision { faults.append("batched: \(decision), plain: \(expected)") }
        } catch {
            faults.append("partial: \(error)")
        }
    }

    private mutating func checkPartial(_ request: Request, _ schema: Schema, _ expected: Evaluation) throws {
        let share = random.below(101)
        let partial = try PartialRequest(
            principal: PartialEntityUID(type: request.principal.type, id: hidden(share) ? nil : request.principal.id),
            action: request.action,
            resource: PartialEntityUID(type: request.resource.type, id: hidden(share) ? nil : request.resource.id),
            context: hidden(share) ? nil : request.context,
            schema: schema
        )
        var known: [PartialEntity] = []
        for entity in entities.all where !entity.uid.type.isAction && !hidden(share) {
            known.append(
                PartialEntity(
                    uid: entity.uid,
                    attributes: hidden(share) ? nil : entity.attributes,
                    parents: hidden(share) ? nil : entity.parents,
                    tags: hidden(share) ? nil : entity.tags
                )
            )
        }
        let evaluation = try policies.partiallyEvaluate(
            partial,
            PartialEntities(known, schema: schema),
            schema: schema
        )
        let found = try evaluation.reauthorize(request, entities)
        if found != expected { faults.append("residuals: \(found), plain: \(expected)") }
        if let decision = evaluation.decision, decision != expected.decision {
            faults.append("decision in part: \(decision), plain: \(expected)")
        }
        try checkText(evaluation, request, expected)
    }

    /// What is left of the policies, written and read again, has to decide alike.
    private mutating func checkText(_ evaluation: PartialEvaluation, _ request: Request, _ expected: Evaluation) throws
    {
        guard let text = evaluation.residuals.cedarText() else { return }
        let written = Authorizer.evaluate(request, try PolicySet(parsing: text), entities)
        let places = evaluation.policies.map(\.index)
        if written.decision != expected.decision
            || written.determining.map({ places[$0.policy] }) != expected.determining.map(\.policy)
            || written.failures.map({ places[$0.policy.policy] }) != expected.failures.map(\.policy.policy)
        {
            faults.append("residuals as text: \(written), plain: \(expected)")
        }
    }

    private mutating func hidden(_ percent: UInt64) -> Bool { random.below(100) < percent }
}

/// A stream of numbers that its seed determines: splitmix64.
private struct Random {
    var state: UInt64

    mutating func below(_ bound: UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return (value ^ (value >> 31)) % bound
    }
}

extension PolicySet {
    /// Writes the set in Cedar's JSON format and syntax.
    func writeForms(into writer: inout JSONWriter) {
        writer.name("json")
        writer.raw(json())
        writer.member("text", cedarText() ?? "")
    }
}
