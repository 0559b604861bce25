import Bytes
import Cedar

extension FuzzTarget {
    static let cedarJSON: [FuzzTarget] = [
        FuzzTarget("policies-json") { input in
            let policies = try PolicySet(parsingJSON: input)
            try checkEvaluation(policies)
            try checkForms(policies)
        },
        FuzzTarget("schema-json") { input in
            let fragment = try SchemaFragment(parsingJSON: input)
            let json = fragment.json()
            let again = try reread("the written JSON of a schema") { try SchemaFragment(parsingJSON: json) }
            try demand(again.json() == json, "a schema in JSON is written differently")
            if let text = try? fragment.cedarText() {
                let fromText = try reread("the written text of a schema") { try SchemaFragment(parsing: text) }
                try demand(try fromText.cedarText() == text, "a schema is written differently")
            }
            _ = try fragment.resolved()
        },
        FuzzTarget("entities-json") { input in
            let json = try JSONValue(parsing: input, limits: .request)
            let entities = try? Entities(json)
            let checked = CedarSample.schema.flatMap { try? Entities(json, schema: $0) }
            for entity in (checked?.all ?? []) + (entities?.all ?? []) {
                let isOwn = entities?.isDescendant(entity.uid, of: entity.uid) ?? true
                try demand(isOwn, "an entity is not its own descendant")
                try CedarSample.schema.map { schema in
                    if checked?[entity.uid] == entity {
                        _ = try reread("a checked entity") { try schema.check(entity) }
                    }
                }
            }
        },
        FuzzTarget("context-json") { input in
            guard let schema = CedarSample.schema, let action = CedarSample.requests.first?.action else { return }
            let json = try JSONValue(parsing: input, limits: .request)
            _ = try schema.context(json, for: action)
        },
        FuzzTarget("partial-json") { input in
            guard let schema = CedarSample.schema else { return }
            let json = try JSONValue(parsing: input, limits: .request)
            _ = try? PartialRequest(json, schema: schema)
            _ = try PartialEntities(json, schema: schema)
        },
    ]

    static let cedarValues: [FuzzTarget] = [
        FuzzTarget("extensions", bytesMax: 256) { input in
            guard let text = Text(utf8: input) else { return }
            if let value = Decimal(text) {
                try demand(Decimal(Text("\(value)")) == value, "a decimal is read as another")
            }
            if let value = IPAddress(text) {
                try demand(IPAddress(Text("\(value)")) == value, "an address is read as another")
                try demand(value.isInRange(of: value), "an address is not in its own range")
            }
            if let value = Datetime(text) { try demand(value == Datetime(text), "an instant is read as another") }
            if let value = TimeSpan(text) { try demand(value == TimeSpan(text), "a span is read as another") }
        },
        FuzzTarget("names", bytesMax: 256) { input in
            let text = String(decoding: input, as: UTF8.self)
            if let type = EntityType(text) {
                try demand("\(type)".utf8.elementsEqual(text.utf8), "a type has two spellings")
            }
            if let uid = EntityUID(text) {
                try demand(EntityUID("\(uid)") == uid, "an entity is read as another")
            }
        },
    ]
}
