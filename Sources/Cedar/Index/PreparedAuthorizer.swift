/// Policy sets and entities, compiled together for many decisions: immutable, and shared by all threads without locks.
///
/// An index leads every request to the policies that can apply to it, by the scopes and by equalities and memberships
/// in conditions, so a decision costs the same whatever else is in the sets. The result is always that of
/// ``Authorizer/evaluate(_:_:_:selecting:)``, which evaluates every policy: decision, policies and errors alike.
///
/// Making one takes time and memory in proportion to policies and entities; copying one costs one reference count.
public struct PreparedAuthorizer: Sendable {
    private let program: Program

    /// Compiles policy sets over a store.
    ///
    /// - Parameters:
    ///   - policySets: The sets, which need not be disjoint; templates take no part.
    ///   - entities: The entities as far as they are known.
    public init(_ policySets: [PolicySet], _ entities: Entities) {
        program = ProgramBuilder.program(policySets, entities)
    }

    /// Compiles one policy set over a store.
    public init(_ policySet: PolicySet, _ entities: Entities) {
        self.init([policySet], entities)
    }

    /// The sets that were compiled.
    public var policySets: [PolicySet] { program.policySets }

    /// The store that was compiled.
    public var entities: Entities { program.entities }

    /// The memory of the compiled form in bytes, without the sets and the store themselves.
    public var byteCount: Int { program.storage.byteCount }

    /// Evaluates the policies for one request.
    ///
    /// - Parameters:
    ///   - request: The request; whether it fits a schema is not checked here.
    ///   - isSelected: Says which policies take part; it is asked only about policies whose scope matches, perhaps
    ///     several times about one, and has to answer the same. All do if it is `nil`.
    /// - Returns: The satisfied and the failed policies.
    public func evaluate(
        _ request: Request,
        selecting isSelected: ((PolicyReference) -> Bool)? = nil
    ) -> Evaluation {
        program.evaluate(request, nil, selecting: isSelected)
    }

    /// Evaluates the policies for one request over the store with more entities, such as facts about its principal.
    ///
    /// The result is that of ``Authorizer/evaluate(_:_:_:selecting:)`` over ``Entities/adding(_:)``. It costs little
    /// more than without if the added entities are those of the request, and none of them is named as a parent in the
    /// store; conditions that reach an added entity by another way are evaluated in full.
    ///
    /// - Parameters:
    ///   - request: The request; whether it fits a schema is not checked here.
    ///   - added: The entities of this request.
    ///   - isSelected: As in ``evaluate(_:selecting:)``.
    /// - Returns: The satisfied and the failed policies.
    /// - Throws: ``EntitiesError`` as ``Entities/adding(_:)`` does; then nothing is decided.
    public func evaluate(
        _ request: Request,
        adding added: [Entity],
        selecting isSelected: ((PolicyReference) -> Bool)? = nil
    ) throws(EntitiesError) -> Evaluation {
        let entities = try program.entities.adding(added)
        guard !added.isEmpty else { return evaluate(request, selecting: isSelected) }
        // An entity that the store names as a parent changes what the program knows of its descendants.
        guard added.allSatisfy({ program.entities.index(of: $0.uid) == nil }) else {
            return Authorizer.evaluate(request, program.policySets, entities, selecting: isSelected)
        }
        let extras = ProgramExtras(added, entities, program.tables)
        return program.evaluate(request, extras, selecting: isSelected)
    }
}

extension Program {
    func evaluate(
        _ request: Request,
        _ extras: ProgramExtras?,
        selecting isSelected: ((PolicyReference) -> Bool)?
    ) -> Evaluation {
        // All pointers stay valid for the whole run: they are used inside of these closures only, and this object,
        // which owns the tables, is alive while its method runs.
        withExtendedLifetime(self) {
            unsafe withUnsafePointer(to: request) { request in
                unsafe withUnsafeTemporaryAllocation(of: Cell.self, capacity: max(1, tables.paths.count)) { found in
                    unsafe found.initialize(repeating: .pending)
                    var run = unsafe ProgramRun(self, request, found, extras, selecting: isSelected)
                    return run.run()
                }
            }
        }
    }
}
