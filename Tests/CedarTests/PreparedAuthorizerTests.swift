import Bytes
import Cedar
import Foundation
import Testing

/// The compiled index gives what the plain loop over all policies gives: decision, policies and errors alike.
@Suite struct PreparedAuthorizerTests {
    /// How many policy sets the property is tried on; more with `WRIT_INDEX_CASES`.
    static let cases = ProcessInfo.processInfo.environment["WRIT_INDEX_CASES"].flatMap(Int.init) ?? 256
    /// The seed of the first; `WRIT_INDEX_SEED` repeats a run.
    static let seed = ProcessInfo.processInfo.environment["WRIT_INDEX_SEED"].flatMap(UInt64.init) ?? 1

    @Test(arguments: 0..<4)
    func theIndexChangesNothing(part: Int) throws {
        for number in stride(from: part, to: Self.cases, by: 4) {
            let seed = Self.seed &+ UInt64(number)
            var random = SeededRandom(seed)
            let world = try RandomWorld(&random)
            let prepared = PreparedAuthorizer(world.policySets, world.entities)
            for request in world.requests {
                let plain = Authorizer.evaluate(request, world.policySets, world.entities)
                let indexed = prepared.evaluate(request)
                guard plain != indexed else { continue }
                Issue.record("seed \(seed): \(request)\nplain: \(plain)\nindexed: \(indexed)\n\(world.text)")
                return
            }
        }
    }

    /// Entities that come with the request count as those of the store, also when the store names them as parents.
    @Test func entitiesOfTheRequestChangeNothing() throws {
        for number in 0..<UInt64(Self.cases / 8) {
            let seed = Self.seed &+ number
            var random = SeededRandom(seed)
            let world = try RandomWorld(&random)
            for request in world.requests {
                let isAdded = Set(world.all.map(\.uid).filter { $0 == request.principal || random.once(in: 6) })
                let added = world.all.filter { isAdded.contains($0.uid) }
                let base = try Entities(world.all.filter { !isAdded.contains($0.uid) })
                let plain = Authorizer.evaluate(request, world.policySets, try base.adding(added))
                let indexed = try PreparedAuthorizer(world.policySets, base).evaluate(request, adding: added)
                guard plain != indexed else { continue }
                Issue.record("seed \(seed): \(request)\nplain: \(plain)\nindexed: \(indexed)\n\(world.text)")
                return
            }
        }
    }

    @Test func entitiesThatAreThereAlreadyAreNotAddedToARequest() throws {
        let user = Entity(uid: uid("User", "a"))
        let policies = try PolicySet(parsing: "permit(principal, action, resource);")
        let request = Request(principal: user.uid, action: uid("Action", "r"), resource: uid("Doc", "d"))
        let prepared = PreparedAuthorizer(policies, try Entities([user]))
        #expect(try prepared.evaluate(request, adding: []).decision == .allow)
        #expect(throws: EntitiesError.duplicate(user.uid)) { try prepared.evaluate(request, adding: [user]) }
    }

    @Test func whatIsNotSelectedTakesNoPartInTheIndex() throws {
        for seed in 0..<UInt64(40) {
            var random = SeededRandom(seed)
            let world = try RandomWorld(&random)
            let prepared = PreparedAuthorizer(world.policySets, world.entities)
            for request in world.requests {
                let selects: (PolicyReference) -> Bool = { ($0.policy + $0.set) % 3 != 0 }
                let plain = Authorizer.evaluate(request, world.policySets, world.entities, selecting: selects)
                #expect(prepared.evaluate(request, selecting: selects) == plain, "seed \(seed)")
            }
        }
    }

    /// The random worlds have what they are for: all three kinds of results, and errors of many kinds.
    @Test func randomWorldsReachEveryKindOfResult() throws {
        var permits = 0
        var forbids = 0
        var errors: Set<String> = []
        for seed in 0..<UInt64(60) {
            var random = SeededRandom(seed)
            let world = try RandomWorld(&random)
            for request in world.requests {
                let evaluation = Authorizer.evaluate(request, world.policySets, world.entities)
                permits += evaluation.permits.count
                forbids += evaluation.forbids.count
                for failure in evaluation.failures {
                    errors.insert(Self.name(of: failure.error))
                }
            }
        }
        #expect(permits > 250 && forbids > 100)
        #expect(errors.count >= 6, "\(errors.sorted())")
    }

    private static func name(of error: EvaluationError) -> String {
        switch error {
        case .entityDoesNotExist: "entity"
        case .entityAttributeDoesNotExist: "entity attribute"
        case .entityTagDoesNotExist: "tag"
        case .recordAttributeDoesNotExist: "record attribute"
        case .type: "type"
        case .wrongNumberOfArguments: "arguments"
        case .integerOverflow: "overflow"
        case .extensionFunctionFailed: "extension"
        }
    }
}

/// Numbers that only depend on the seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x2545_F491_4F6C_DD1D }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True once in so many times.
    mutating func once(in count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }
}
