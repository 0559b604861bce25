import Bytes
import Cedar
import Testing

/// Stores of entities, from values and from JSON.
@Suite struct EntitiesTests {
    private func chain(_ count: Int) -> [Entity] {
        (0..<count).map { Entity(uid: uid("T", Text("\($0)")), parents: [uid("T", Text("\($0 + 1)"))]) }
    }

    @Test func ancestorsAreClosed() throws {
        let store = try Entities(chain(100))
        #expect(store.isDescendant(uid("T", "0"), of: uid("T", "100")))
        #expect(store.isDescendant(uid("T", "7"), of: uid("T", "7")))
        #expect(!store.isDescendant(uid("T", "100"), of: uid("T", "0")))
        #expect(store.isDescendant(uid("X", "x"), of: uid("X", "x")))
        #expect(
            store.ancestors(of: uid("T", "97")).sorted() == ["98", "99", "100"].map { uid("T", Text($0)) }.sorted()
        )
    }

    @Test func cyclesAreRefused() throws {
        #expect(throws: EntitiesError.self) {
            try Entities(chain(3) + [Entity(uid: uid("T", "3"), parents: [uid("T", "0")])])
        }
        #expect(throws: EntitiesError.cycle(uid("T", "0"))) {
            try Entities([Entity(uid: uid("T", "0"), parents: [uid("T", "0")])])
        }
    }

    @Test func duplicatesAreRefused() {
        #expect(throws: EntitiesError.duplicate(uid("T", "0"))) { try Entities(chain(1) + chain(1)) }
    }

    @Test(arguments: [
        (#"{"a": 1}"#, "[]", true), (#"{"a": 2}"#, "[]", false), (#"{"a": 1}"#, #"[{"type": "T", "id": "p"}]"#, false),
    ])
    func onlyAnEqualEntityMayBeGivenOnceMoreInJSON(attributes: String, parents: String, isEqual: Bool) throws {
        let text = """
            [{"uid": {"type": "T", "id": "t"}, "attrs": {"a": 1}, "parents": []},
             {"uid": {"type": "T", "id": "t"}, "attrs": \(attributes), "parents": \(parents)}]
            """
        let json = try JSONValue(parsing: Array(text.utf8))
        if isEqual {
            #expect(try Entities(json).count == 1)
        } else {
            #expect(throws: DecodingError(.store(.duplicate(uid("T", "t"))))) { try Entities(json) }
        }
    }

    private static let isIPv4 = #"{"__extn": {"fn": "isIpv4", "arg": {"__extn": {"fn": "ip", "arg": "::1"}}}}"#
    private static let toHours = #"{"__extn": {"fn": "toHours", "arg": {"__extn": {"fn": "duration", "arg": "1d"}}}}"#

    @Test(arguments: [
        (SchemaType.bool, isIPv4, Value?.some(.bool(false))), (.long, toHours, .long(24)), (.bool, toHours, nil),
        (.long, isIPv4, nil), (.string, isIPv4, nil), (.extension(.duration), toHours, nil),
    ])
    func callsMayGiveTruthValuesAndIntegers(type: SchemaType, text: String, value: Value?) throws {
        let json = try JSONValue(parsing: Array(text.utf8))
        if let value {
            #expect(try ValueDecoder().value(json, as: type) == value)
            #expect(throws: DecodingError.self) { try ValueDecoder(options: .plain).value(json, as: type) }
        } else {
            #expect(throws: DecodingError.self) { try ValueDecoder().value(json, as: type) }
        }
    }

    @Test func ancestorsAreLimited() throws {
        func store(_ count: Int) throws -> Entities {
            try Entities([Entity(uid: uid("T", "t"), parents: (0..<count).map { uid("G", Text("\($0)")) })])
        }
        #expect(try store(EntityLimits.ancestorsMax).count == 1)
        let error = EntitiesError.tooManyAncestors(uid("T", "t"))
        #expect(throws: error) { try store(EntityLimits.ancestorsMax + 1) }
    }

    @Test func aSecondLayerSeesTheFirst() throws {
        let base = try Entities(chain(2))
        let store = try base.adding([
            Entity(uid: uid("U", "u"), attributes: Record(sorted: ["a": .long(1)]), parents: [uid("T", "0")])
        ])
        #expect(store.isDescendant(uid("U", "u"), of: uid("T", "2")))
        #expect(!base.isDescendant(uid("U", "u"), of: uid("T", "2")))
        #expect(store[uid("U", "u")]?.attributes["a"] == .long(1))
        #expect(store[uid("T", "1")] != nil)
        #expect(store.count == 3)
        let third = try store.adding([Entity(uid: uid("V", "v"), parents: [uid("U", "u"), uid("W", "w")])])
        #expect(third.isDescendant(uid("V", "v"), of: uid("T", "2")))
        #expect(third.isDescendant(uid("V", "v"), of: uid("W", "w")))
        #expect(third.all.count == 4)
        #expect(throws: EntitiesError.duplicate(uid("T", "0"))) { try store.adding([Entity(uid: uid("T", "0"))]) }
        #expect(throws: EntitiesError.duplicate(uid("U", "u"))) { try store.adding([Entity(uid: uid("U", "u"))]) }
    }

    @Test func anAddedParentOfTheFirstLayerCounts() throws {
        // The base mentions `T::"2"`; only now it becomes an entity, with a parent of its own.
        let store = try Entities(chain(2)).adding([Entity(uid: uid("T", "2"), parents: [uid("T", "3")])])
        #expect(store.isDescendant(uid("T", "0"), of: uid("T", "3")))
        #expect(throws: EntitiesError.self) {
            try Entities(chain(2)).adding([Entity(uid: uid("T", "2"), parents: [uid("T", "0")])])
        }
    }

    static let rich: Text = """
        entity Manager; entity User in Manager = { name: String, age: Long, active: Bool, manager: Manager, ip: ipaddr,
          score: decimal, created: datetime, ttl: duration, friends: Set<Manager>, labels: Set<String>,
          metadata: { key: String, owner: Manager }, settings: { verbose: Bool } };
        """

    static let schemas: [String: Text] = [
        "rich.cedarschema": rich, "simple.cedarschema": "entity User = { name: String };",
    ]

    @Test func anAddedEntityThatWasOnlyMentionedKeepsItsDescendants() throws {
        // The last parent of the chain is mentioned and not there.
        let base = try Entities(chain(2))
        #expect(base.isDescendant(uid("T", "0"), of: uid("T", "2")))
        let store = try base.adding([Entity(uid: uid("T", "2"))])
        #expect(store.isDescendant(uid("T", "0"), of: uid("T", "2")))
        #expect(!store.isDescendant(uid("T", "2"), of: uid("T", "0")))
    }

    @Test func parsingCasesAreReadOrRefusedAsByTheReference() throws {
        let lines = Fixtures.lines(try Fixtures.bytes("entity-parsing-cases.jsonl"))
        var schemas = Self.schemas
        var cases = 0
        var entities = 0
        let parsed = try lines.map { try JSONValue(parsing: $0, limits: .file) }
        for test in parsed {
            guard let name = test["name"]?.string, let schema = test["files"]?["cedarschema"]?.string else { continue }
            schemas["\(name).cedarschema"] = schema
        }
        for test in parsed {
            let files = try #require(test["files"])
            guard let text = files["entities.json"]?.string, let description = files["json"]?.string else { continue }
            let settings = try JSONValue(parsing: Array(description.utf8))
            let schemaName = try #require(settings["schema"]?.string)
            let schemaText = try #require(schemas[schemaName.string])
            let schema = try Schema(parsing: schemaText)
            let verdictText = try #require(files["parsing.json"]?.string)
            let verdict = try JSONValue(parsing: Array(verdictText.utf8))
            let isRead = (try? Entities(JSONValue(parsing: Array(text.utf8)), schema: schema)) != nil
            #expect(isRead == verdict["allEntities"]?["success"]?.boolean, "\(test["name"]?.string ?? "")")
            cases += 1
            guard let json = try? JSONValue(parsing: Array(text.utf8)) else { continue }
            for found in schema.verdicts(on: json) {
                let uid = try #require(found.uid)
                let expected = verdict["perEntity"]?[Text("\(uid.type)::\(uid.id)")]?["success"]?.boolean
                #expect(found.isValid == expected, "\(test["name"]?.string ?? "") \(uid): \(found.errors)")
                entities += 1
            }
        }
        #expect(cases == 14)
        #expect(entities == 21)
        ConformanceCount.report("entity parsing cases, a store", cases)
        ConformanceCount.report("entity parsing cases, an entity", entities)
    }
}
