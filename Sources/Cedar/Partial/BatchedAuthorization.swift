import Bytes

extension PolicySet {
    /// Decides a request while entities are loaded as they turn out to be needed (RFC 95).
    ///
    /// The decision is that of evaluating the policies with all entities at hand. Every policy has to pass strict
    /// validation for the types of the request.
    ///
    /// - Parameters:
    ///   - request: The request, which has to conform to the schema.
    ///   - schema: The schema.
    ///   - iterationsMax: The most times that entities are loaded, at most ``PartialLimits/iterationsMax``.
    ///   - load: Gives the entities of these identities, each with its direct parents. One that it leaves out does not
    ///     exist, and one that it was not asked for is not taken. It is asked for each at most once.
    /// - Returns: The decision.
    /// - Throws: ``BatchedAuthorizationError``; then there is no decision.
    public func isAuthorizedBatched(
        _ request: Request,
        schema: Schema,
        iterationsMax: Int = PartialLimits.iterationsMax,
        load: (Set<EntityUID>) throws -> [Entity]
    ) throws(BatchedAuthorizationError) -> Decision {
        var batch = try Batch(request, schema)
        var round = try batch.firstRound(self)
        for _ in 0..<min(max(iterationsMax, 0), PartialLimits.iterationsMax) {
            if let decision = PartialEvaluation.decision(round.outcomes) { return decision }
            guard !round.needed.isEmpty else { throw .undecided }
            try batch.add(round.needed, load)
            round = try batch.nextRound(round)
        }
        guard let decision = PartialEvaluation.decision(round.outcomes) else { throw .undecided }
        return decision
    }
}

/// A request that is being decided while entities are loaded.
private struct Batch {
    let request: PartialRequest
    let schema: Schema
    private var entities: PartialEntities
    private var loadedCount = 0

    init(_ request: Request, _ schema: Schema) throws(BatchedAuthorizationError) {
        do throws(RequestError) {
            self.request = try PartialRequest(request, schema: schema)
        } catch {
            throw .invalidRequest(error)
        }
        self.schema = schema
        entities = PartialEntities(actionsOf: schema)
    }

    func firstRound(_ policySet: PolicySet) throws(BatchedAuthorizationError) -> PartialRound {
        do throws(PartialEvaluationError) {
            let types = try policySet.types(for: request, schema)
            return try PartialRound(policySet, request, entities, types)
        } catch {
            throw .evaluation(error)
        }
    }

    /// Evaluates what the round before left, now that more is known; a policy that is no longer in question stays as it
    /// is.
    func nextRound(_ round: PartialRound) throws(BatchedAuthorizationError) -> PartialRound {
        do throws(PartialEvaluationError) {
            return try PartialRound(round.residuals, request, entities, round.types)
        } catch {
            throw .evaluation(error)
        }
    }

    /// Loads entities, and checks them.
    mutating func add(
        _ uids: Set<EntityUID>,
        _ load: (Set<EntityUID>) throws -> [Entity]
    ) throws(BatchedAuthorizationError) {
        loadedCount += uids.count
        guard loadedCount <= PartialLimits.loadedEntitiesMax else { throw .tooManyEntities }
        let loaded: [Entity]
        do {
            loaded = try load(uids)
        } catch {
            throw .loading(error)
        }
        var given: [EntityUID: Entity] = [:]
        for entity in loaded where uids.contains(entity.uid) {
            guard given.updateValue(entity, forKey: entity.uid) == nil else { throw .duplicate(entity.uid) }
            do throws(DecodingError) {
                try schema.check(entity)
            } catch {
                throw .invalidEntity(entity.uid, error)
            }
        }
        for uid in uids { entities.add(uid, given[uid]) }
    }
}

/// Why a request is not decided while entities are loaded.
public enum BatchedAuthorizationError: Error {
    /// The request does not conform to the schema.
    case invalidRequest(RequestError)
    /// The policies cannot be evaluated.
    case evaluation(PartialEvaluationError)
    /// The loader failed.
    case loading(any Error)
    /// The loader gave an entity twice.
    case duplicate(EntityUID)
    /// An entity does not conform to the schema.
    case invalidEntity(EntityUID, DecodingError)
    /// More entities than ``PartialLimits/loadedEntitiesMax`` would have to be loaded.
    case tooManyEntities
    /// Entities were loaded as many times as allowed, and more would have to be known; or none would help.
    case undecided
}

extension BatchedAuthorizationError: CustomStringConvertible {
    /// What is wrong, in one line.
    public var description: String {
        switch self {
        case .invalidRequest(let error): error.description
        case .evaluation(let error): error.description
        case .loading(let error): "entities could not be loaded: \(error)"
        case .duplicate(let uid): "entity `\(uid)` was loaded twice"
        case .invalidEntity(let uid, let error): "entity `\(uid)`: \(error)"
        case .tooManyEntities: "more than \(PartialLimits.loadedEntitiesMax) entities would have to be loaded"
        case .undecided: "entities were loaded as many times as allowed, and the decision is not known"
        }
    }
}
