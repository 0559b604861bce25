import Bytes
import Cedar

/// Entities, requests and a schema that seeds speak of.
enum CedarSample {
    static let schemaText: Text = """
        entity Team;
        entity User in [Team] {
          name: String, age: Long, trust?: Long, address: ipaddr, joined: datetime, span: duration, score: decimal,
          friends: Set<User>, home: { city: String, zip?: String }
        } tags Set<String>;
        entity File in [User] { owner: User };
        entity Stage enum ["test", "live"];
        action view, edit appliesTo { principal: [User], resource: [File], context: { count: Long, note?: String } };
        """

    static let schema = try? Schema(parsing: schemaText)

    static func uid(_ type: String, _ id: Text) -> EntityUID? {
        EntityType(type).map { EntityUID(type: $0, id: id) }
    }

    static let entities: Entities = {
        guard let user = uid("User", "a"), let team = uid("Team", "t"), let file = uid("File", "f"),
            let attributes = Record([
                .init("name", .string("a")), .init("age", .long(.max)), .init("trust", .long(0)),
                .init("friends", .set(ValueSet([.entity(user)]))),
            ]),
            let owner = Record([.init("owner", .entity(user))]), let tags = Record([.init("a", .set(ValueSet([])))])
        else { return .empty }
        let list = [
            Entity(uid: user, attributes: attributes, parents: [team], tags: tags), Entity(uid: team),
            Entity(uid: file, attributes: owner, parents: [user]),
        ]
        return (try? Entities(list)) ?? .empty
    }()

    static let requests: [Request] = {
        guard let user = uid("User", "a"), let file = uid("File", "f"), let view = uid("Action", "view"),
            let other = uid("User", "b"),
            let context = Record([.init("count", .long(1)), .init("note", .string("n"))])
        else { return [] }
        return [
            Request(principal: user, action: view, resource: file, context: context),
            Request(principal: other, action: view, resource: other),
        ]
    }()
}
