import Bytes
import Cedar
import Foundation
import Testing

/// Schemas, and what they say of requests, values and entities.
@Suite struct SchemaTests {
    static let text: Text = """
        type Money = { amount: decimal, currency: String };
        entity Team;
        entity User in [Team] = { level: Long } tags String;
        entity Color enum ["red", "green"];
        namespace Pay {
          entity Account = { owner: User };
          action all;
          action pay in [all] appliesTo {
            principal: User, resource: Account,
            context: { money: Money, note?: String, ids?: Set<Long>, color?: Color, at?: datetime, by?: User },
          };
        }
        """

    static let pay = uid("Pay::Action", "pay")

    private func schema() throws -> Schema { try Schema(parsing: Self.text) }

    private func context(_ json: String, _ options: ValueDecoder.Options = .plain) throws -> Record {
        try schema().context(JSONValue(parsing: Array(json.utf8)), for: Self.pay, options)
    }

    @Test func declarationsAreListed() throws {
        let schema = try schema()
        #expect(schema.entityTypes.map(\.type.description) == ["Color", "Pay::Account", "Team", "User"])
        #expect(schema.actions.map(\.uid.description) == ["Pay::Action::\"all\"", "Pay::Action::\"pay\""])
        let pay = try #require(schema[Self.pay])
        #expect(pay.principals == [entityType("User")])
        #expect(pay.resources == [entityType("Pay::Account")])
        #expect(pay.ancestors == [uid("Pay::Action", "all")])
        #expect(pay.context.attributes.map(\.name) == ["at", "by", "color", "ids", "money", "note"])
        #expect(pay.context["note"]?.isRequired == false)
        #expect(pay.context["money"]?.type.description == "{\"amount\": decimal, \"currency\": String}")
        #expect(schema[entityType("User")]?.tags == .string)
        #expect(schema[entityType("Nobody")] == nil)
        #expect(schema[uid("Action", "pay")] == nil)
    }

    @Test(arguments: [
        (#"{"money": {"amount": 1.50, "currency": "EUR"}}"#, 15_000),
        (#"{"money": {"amount": 15, "currency": "EUR"}}"#, 150_000),
        (#"{"money": {"amount": "1.5", "currency": "EUR"}}"#, 15_000),
        (#"{"money": {"amount": 1.5e1, "currency": "EUR"}}"#, 150_000),
        (#"{"money": {"amount": -1.50000, "currency": "EUR"}}"#, -15_000),
        (#"{"money": {"amount": 1e-4, "currency": "EUR"}}"#, 1),
        (#"{"money": {"amount": 922337203685477.5807, "currency": "EUR"}}"#, Int64.max),
        (#"{"money": {"amount": 0e999, "currency": "EUR"}}"#, 0),
    ])
    func numbersBecomeDecimalsExactly(json: String, tenThousandths: Int64) throws {
        guard case .record(let money)? = try context(json)["money"] else { throw RequestError.unknownAction(Self.pay) }
        #expect(money["amount"] == .decimal(Decimal(tenThousandths: tenThousandths)))
    }

    @Test(arguments: [
        (
            #"{"money": {"amount": 1.50001, "currency": "EUR"}}"#, "context.money.amount",
            DecodingError.Reason.decimalOutOfRange
        ),
        (#"{"money": {"amount": 1e-5, "currency": "EUR"}}"#, "context.money.amount", .decimalOutOfRange),
        (
            #"{"money": {"amount": 922337203685477.5808, "currency": "EUR"}}"#, "context.money.amount",
            .decimalOutOfRange
        ),
        (#"{"money": {"amount": null, "currency": "EUR"}}"#, "context.money.amount", .null),
        (#"{"money": {"amount": 1}}"#, "context.money.currency", .missing),
        (#"{"money": {"amount": 1, "currency": "EUR", "x": 1}}"#, "context.money.x", .unexpected),
        (#"{}"#, "context.money", .missing),
        (
            #"{"money": {"amount": 1, "currency": 1}}"#, "context.money.currency",
            .mismatch(expected: "string", found: "integer")
        ),
        (#"{"money": {"amount": 1, "currency": "EUR"}, "ids": [1, 2.0]}"#, "context.ids[1]", .notAnInteger),
        (
            #"{"money": {"amount": 1, "currency": "EUR"}, "color": {"type": "Color", "id": "blue"}}"#, "context.color",
            .undeclaredEntity(uid("Color", "blue"))
        ),
        (
            #"{"money": {"amount": 1, "currency": "EUR"}, "by": {"type": "Team", "id": "t"}}"#, "context.by",
            .mismatch(expected: "entity of type `User`", found: "entity of type `Team`")
        ),
        (
            #"{"money": {"amount": 1, "currency": "EUR"}, "by": {"__entity": {"type": "User", "id": "t"}}}"#,
            "context.by", .malformedEscape
        ),
        (
            #"{"money": {"amount": 1, "currency": "EUR"}, "at": {"__extn": {"fn": "datetime", "arg": "2024-01-01"}}}"#,
            "context.at", .mismatch(expected: "datetime", found: "object")
        ),
    ])
    func contextsThatDoNotConformAreRefused(json: String, path: String, reason: DecodingError.Reason) {
        #expect(throws: RequestError.invalidContext(DecodingError(reason, at: path))) { try context(json) }
    }

    @Test func numbersAreNotDecimalsInCedarsOwnFormat() throws {
        #expect(throws: RequestError.self) { try context(#"{"money": {"amount": 1.5, "currency": "EUR"}}"#, .cedar) }
        let explicit = #"{"money": {"amount": {"__extn": {"fn": "decimal", "arg": "1.5"}}, "currency": "EUR"}}"#
        #expect(try context(explicit, .cedar) == context(#"{"money": {"amount": 1.5, "currency": "EUR"}}"#))
    }

    @Test func escapesMayHaveSeveralArguments() throws {
        let offset =
            """
            {"__extn": {"fn": "offset", "args": [
                {"__extn": {"fn": "datetime", "arg": "2024-01-01"}}, {"__extn": {"fn": "duration", "arg": "1d"}}
            ]}}
            """
        let value = try ValueDecoder().value(JSONValue(parsing: Array(offset.utf8)))
        #expect(value == .datetime(try #require(Datetime("2024-01-02"))))
    }

    @Test(arguments: [
        #"{"__extn": {"fn": "decimal", "arg": "x"}}"#, #"{"__extn": {"fn": "foo", "arg": "x"}}"#,
        #"{"__extn": {"fn": "ip"}}"#,
        #"{"__extn": {"fn": "ip", "arg": "::1"}, "x": 1}"#, #"{"__expr": "1"}"#,
        #"{"__entity": {"type": "A b", "id": "x"}}"#,
        #"{"__entity": {"type": "A"}}"#, "1.0", "null", #"[null]"#,
    ])
    func malformedValuesAreRefused(json: String) {
        #expect(throws: DecodingError.self) {
            let value = try #require(try? JSONValue(parsing: Array(json.utf8), limits: .file))
            return try ValueDecoder().value(value)
        }
    }

    @Test func requestsAreValidated() throws {
        let schema = try schema()
        let context = try context(#"{"money": {"amount": 1, "currency": "EUR"}}"#)
        func validate(_ principal: String, _ action: EntityUID, _ resource: String, _ context: Record) throws {
            try schema.validate(
                Request(principal: uid(principal, "x"), action: action, resource: uid(resource, "x"), context: context)
            )
        }
        try validate("User", Self.pay, "Pay::Account", context)
        #expect(throws: RequestError.unknownPrincipalType(entityType("X"))) {
            try validate("X", Self.pay, "Pay::Account", context)
        }
        #expect(throws: RequestError.unknownResourceType(entityType("X"))) {
            try validate("User", Self.pay, "X", context)
        }
        let other = uid("Pay::Action", "x")
        #expect(throws: RequestError.unknownAction(other)) { try validate("User", other, "Pay::Account", context) }
        #expect(throws: RequestError.principalNotApplicable(entityType("Team"), action: Self.pay)) {
            try validate("Team", Self.pay, "Pay::Account", context)
        }
        #expect(throws: RequestError.resourceNotApplicable(entityType("Team"), action: Self.pay)) {
            try validate("User", Self.pay, "Team", context)
        }
        #expect(throws: RequestError.invalidContext(DecodingError(.missing, at: "context.money"))) {
            try validate("User", Self.pay, "Pay::Account", .empty)
        }
        #expect(throws: RequestError.invalidContext(DecodingError(.unexpected, at: "context.extra"))) {
            try validate("User", Self.pay, "Pay::Account", context.setting("extra", to: .bool(true)))
        }
        #expect(throws: RequestError.undeclaredEntity(uid("Color", "x"))) {
            try validate("Color", Self.pay, "Pay::Account", context)
        }
    }

    @Test(arguments: [
        (#"[{"uid": {"type": "User", "id": "a"}, "attrs": {"level": 1}, "parents": [], "tags": {"k": "v"}}]"#, true),
        (#"[{"uid": {"type": "User", "id": "a"}, "attrs": {"level": 1}, "parents": [], "tags": {"k": 1}}]"#, false),
        (
            #"[{"uid": {"type": "User", "id": "a"}, "attrs": {"level": 1}, "parents": [{"type": "Team", "id": "t"}]}]"#,
            true
        ),
        (
            #"[{"uid": {"type": "User", "id": "a"}, "attrs": {"level": 1}, "parents": [{"type": "User", "id": "t"}]}]"#,
            false
        ),
        (#"[{"uid": {"type": "User", "id": "a"}, "attrs": {"level": "1"}, "parents": []}]"#, false),
        (#"[{"uid": {"type": "User", "id": "a"}, "attrs": {"level": 1, "x": 1}, "parents": []}]"#, false),
        (#"[{"uid": {"type": "User", "id": "a"}, "attrs": {"level": 1}, "parents": [], "extra": 1}]"#, false),
        (#"[{"uid": {"type": "User", "id": "a"}, "attrs": {"level": 1}}]"#, false),
        (#"[{"uid": {"type": "Team", "id": "a"}, "attrs": {}, "parents": [], "tags": {"k": "v"}}]"#, false),
        (#"[{"uid": {"type": "Color", "id": "red"}, "attrs": {}, "parents": []}]"#, true),
        (#"[{"uid": {"type": "Color", "id": "blue"}, "attrs": {}, "parents": []}]"#, false),
        (
            #"[{"uid": {"type": "Pay::Action", "id": "pay"}, "attrs": {}, "#
                + #""parents": [{"type": "Pay::Action", "id": "all"}]}]"#,
            true
        ),
        (#"[{"uid": {"type": "Pay::Action", "id": "pay"}, "attrs": {}, "parents": []}]"#, false),
        (#"[{"uid": {"type": "Pay::Action", "id": "new"}, "attrs": {}, "parents": []}]"#, false),
        (#"{"uid": 1}"#, false), (#"[1]"#, false),
    ])
    func entitiesHaveToConform(json: String, conforms: Bool) throws {
        let schema = try schema()
        let value = try JSONValue(parsing: Array(json.utf8))
        #expect(((try? Entities(value, schema: schema)) != nil) == conforms)
    }

    @Test func declaredActionsAreEntities() throws {
        let store = try Entities(JSONValue(parsing: Array("[]".utf8)), schema: schema())
        #expect(store.isDescendant(Self.pay, of: uid("Pay::Action", "all")))
    }

    @Test func aMemberIsAddedToEveryContext() throws {
        let type = try SchemaType(parsing: "{ now: datetime, session?: { id: String } }")
        let changed = try schema().addingToContexts(AttributeType(name: "writ", type: type))
        #expect(changed[Self.pay]?.context["writ"]?.type == type)
        #expect(changed[Self.pay]?.context["note"] != nil)
        #expect(throws: Schema.MemberConflictError.self) {
            try changed.addingToContexts(AttributeType(name: "writ", type: type))
        }
    }

    @Test func typesThatReferToDeclarationsDoNotStandAlone() {
        #expect(throws: SyntaxError.self) { try SchemaType(parsing: "{ user: User }") }
        #expect(throws: SyntaxError.self) { try SchemaType(parsing: "Long Long") }
    }

    @Test func schemaFilesOfAllShapesAreRead() throws {
        let files = try FileManager.default.contentsOfDirectory(
            at: Fixtures.url("schemas"),
            includingPropertiesForKeys: nil
        )
        #expect(files.count == 31)
        for file in files { _ = try Schema(parsing: Array(try Data(contentsOf: file))) }
    }

    @Test func namesMeanTheNearestDeclaration() throws {
        let text: Text = """
            entity E; type decimal = { whole: __cedar::Long };
            namespace N {
              entity Long; type T = Set<String>; entity A = { a: Long, b: __cedar::Long, c: E, d: T, e: decimal };
            }
            """
        let attributes = try #require(try Schema(parsing: text)[entityType("N::A")]).attributes
        #expect(attributes["a"]?.type == .entity(entityType("N::Long")))
        #expect(attributes["b"]?.type == .long)
        #expect(attributes["c"]?.type == .entity(entityType("E")))
        #expect(attributes["d"]?.type == .set(.string))
        #expect(attributes["e"]?.type.description == "{\"whole\": Long}")
    }
}
