import Bytes

/// What people write when they mean something else.
enum NearMisses {
    /// Words of other languages for words of this one.
    private static let synonyms: [Text: Text] = [
        "allow": "permit", "grant": "permit", "deny": "forbid", "block": "forbid", "if": "when", "where": "when",
        "unlike": "unless", "and": "&&", "AND": "&&", "or": "||", "OR": "||", "not": "!", "NOT": "!", "xor": "!=",
        "True": "true", "False": "false", "TRUE": "true", "FALSE": "false", "user": "principal", "subject": "principal",
        "actor": "principal", "object": "resource", "target": "resource", "contains": "in",
    ]

    /// The word of `words` that was probably meant.
    static func word(_ written: Text, among words: [Text]) -> Text? {
        if let synonym = synonyms[written], words.contains(synonym) { return synonym }
        return Suggestion.nearest(to: written, among: words)
    }

    static let variables: [Text] = ["principal", "action", "resource", "context"]
    static let atoms: [Text] = variables + ["true", "false", "!"]
    static let functions = ExtensionFunction.allCases.filter(\.isConstructor).map { Text($0.name) }
    static let methods =
        ExtensionFunction.allCases.filter { !$0.isConstructor }.map { Text($0.name) }
        + ["contains", "containsAll", "containsAny", "isEmpty", "hasTag", "getTag"]
    static let operators: [Text] = ["&&", "||", "!=", "in", "like", "has", "is"]

    /// What to do about bytes that are no token.
    static func advice(invalid text: String) -> (help: String?, replacement: Text?) {
        switch text.unicodeScalars.first {
        case "&": (nil, "&&")
        case "|": (nil, "||")
        case "'", "“", "”", "‘", "’", "`", "«", "„": ("strings stand in straight double quotes: `\"…\"`", nil)
        case "#": ("comments begin with `//`", nil)
        case "\"": ("a string ends with `\"` as it began", nil)
        case "^", "~": ("there are no operators on bits", nil)
        default: (nil, nil)
        }
    }

    /// What to do about a name that stands where a variable should.
    static func advice(variable name: Text) -> (help: String?, replacement: Text?) {
        let string = name.string
        if ["null", "nil", "None", "undefined"].contains(string) {
            return ("there is no absent value: ask with `has` whether an attribute is there", nil)
        }
        if let replacement = word(name, among: atoms) { return (nil, replacement) }
        if methods.contains(name) { return ("methods follow a value: `x.\(string)(…)`", nil) }
        if functions.contains(name) { return ("functions are called: `\(string)(\"…\")`", nil) }
        let parts = string.split(separator: ":").map(String.init)
        if parts.count > 1, let id = parts.last {
            let type = parts.dropLast().joined(separator: "::")
            return ("an entity's identifier stands in quotes: `\(type)::\"\(id)\"`", nil)
        }
        if string.unicodeScalars.first?.properties.isUppercase == true {
            return ("an entity is written `\(string)::\"id\"`, its type is asked with `is \(string)`", nil)
        }
        return ("strings stand in double quotes, attributes follow their owner: `context.\(string)`", nil)
    }
}
