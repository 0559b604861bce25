import Bytes
import Cedar

/// Policies, entities and requests that have enough in common to meet: few names, wrong types now and then, entities
/// and attributes that are missing, errors in every position.
struct RandomWorld {
    let policySets: [PolicySet]
    let entities: Entities
    /// The entities of the store one by one.
    let all: [Entity]
    let requests: [Request]
    let text: String

    init(_ random: inout SeededRandom) throws {
        let counts = random.pick([[3], [12], [40], [120], [9, 14]])
        let shape = RandomPolicy.Style.uniform(Int.random(in: 0..<RandomPolicy.shapes, using: &random))
        let style = random.pick([RandomPolicy.Style.mixed, .scoped, .guarded, shape, shape])
        var texts: [String] = []
        for count in counts {
            texts.append(
                (0..<count).map { _ in RandomPolicy(style).text(&random) }.joined(separator: "\n")
            )
        }
        text = texts.joined(separator: "\n---\n")
        policySets = try texts.map { try PolicySet(parsing: Text($0)) }
        all = RandomEntities.entities(&random)
        entities = try Entities(all)
        requests = (0..<8).map { _ in
            Request(
                principal: RandomEntities.uid(random.pick(["User", "User", "Agent", "Ghost"]), &random),
                action: uid("Action", Text(random.pick(RandomEntities.actions + ["unheard"]))),
                resource: RandomEntities.uid(random.pick(["Doc", "Doc", "Folder", "Phantom"]), &random),
                context: Record(RandomEntities.context(&random)) ?? .empty
            )
        }
    }
}

/// Random entities and values.
enum RandomEntities {
    static let actions = ["read", "write", "share", "all"]
    static let strings = ["", "a", "tool", "a text of more than fifteen bytes", "/srv/data/1/x", "é", "e\u{301}"]

    static func uid(_ type: String, _ random: inout SeededRandom) -> EntityUID {
        EntityUID(type: entityType(type), id: Text(random.pick(["1", "2", "3", "an identifier that is long"])))
    }

    static func entities(_ random: inout SeededRandom) -> [Entity] {
        var entities: [Entity] = []
        for type in ["User", "Agent", "Doc", "Folder", "Team"] {
            for id in ["1", "2", "3", "an identifier that is long"] where !random.once(in: 5) {
                let own = EntityUID(type: entityType(type), id: Text(id))
                // Parents of later types only: no cycles.
                let above: [String] = type == "Team" ? ["Org"] : type == "Doc" ? ["Folder", "Team"] : ["Team", "Org"]
                let parents = (0..<Int.random(in: 0...3, using: &random)).map { _ in uid(random.pick(above), &random) }
                entities.append(
                    Entity(
                        uid: own,
                        attributes: Record(fields(&random, depth: 1)) ?? .empty,
                        parents: parents,
                        tags: Record(fields(&random, depth: 2)) ?? .empty
                    )
                )
            }
        }
        for action in actions where !random.once(in: 6) {
            let parents =
                action == "all" || random.once(in: 3) ? [] : [EntityUID(type: entityType("Action"), id: "all")]
            entities.append(Entity(uid: EntityUID(type: entityType("Action"), id: Text(action)), parents: parents))
        }
        return entities
    }

    static func context(_ random: inout SeededRandom) -> [Record.Field] { fields(&random, depth: 0) }

    /// The attributes that policies mention, most of them, with the type that policies expect, mostly.
    private static func fields(_ random: inout SeededRandom, depth: Int) -> [Record.Field] {
        var fields: [Record.Field] = []
        for (name, kind) in names where !random.once(in: 5) {
            fields.append(
                Record.Field(Text(name), value(random.once(in: 9) ? random.pick(kinds) : kind, &random, depth))
            )
        }
        return fields
    }

    static let names: [(String, Value.Kind)] = [
        ("trust", .long), ("tool", .string), ("team", .entity), ("groups", .set), ("tags", .set), ("input", .record),
        ("open", .bool), ("ip", .ipaddr), ("price", .decimal), ("at", .datetime), ("long name of an attribute", .long),
    ]

    private static let kinds = Value.Kind.allCases

    static func value(_ kind: Value.Kind, _ random: inout SeededRandom, _ depth: Int) -> Value {
        switch kind {
        case .bool: return .bool(random.once(in: 2))
        case .long: return .long(random.pick([0, 1, 2, 3, 100, -1, .max, .min]))
        case .string: return .string(Text(random.pick(strings + ["only in requests"])))
        case .entity: return .entity(uid(random.pick(["Team", "Team", "User", "Org", "Nobody"]), &random))
        case .set:
            let kind = random.pick([Value.Kind.entity, .entity, .string, .long])
            return .set(
                ValueSet(
                    (0..<Int.random(in: 0...4, using: &random)).map { _ in
                        value(random.once(in: 20) ? .bool : kind, &random, 3)
                    }
                )
            )
        case .record: return depth > 1 ? .record(.empty) : .record(Record(fields(&random, depth: depth + 1)) ?? .empty)
        case .decimal: return .decimal(Decimal(tenThousandths: random.pick([0, 15_000, -32_500])))
        case .ipaddr:
            return IPAddress(Text(random.pick(["10.0.0.1", "10.0.0.0/8", "::1"]))).map(Value.ipaddr) ?? .long(0)
        case .datetime: return .datetime(Datetime(milliseconds: random.pick([0, 86_400_000, .max])))
        case .duration: return .duration(TimeSpan(milliseconds: random.pick([0, 3_600_000, .min])))
        }
    }
}
