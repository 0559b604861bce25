// Reading the arguments of `writ exec` and `writ mcp`: named, once each where once is meant, and nothing guessed.

import Bytes

/// Takes arguments one by one up to `--`.
struct ArgumentReader {
    private var rest: ArraySlice<String>
    private var seen: Set<String> = []

    /// The limit of one command line.
    static let argumentsMax = 10_000

    init(_ arguments: [String]) throws(UsageError) {
        guard arguments.count <= Self.argumentsMax else {
            throw UsageError("more than \(Self.argumentsMax) arguments")
        }
        rest = arguments[...]
    }

    /// The next option; nil at `--` or at the end.
    ///
    /// An option that may not be repeated is refused the second time.
    mutating func option(repeatable: Set<String>) throws(UsageError) -> String? {
        guard let argument = rest.first, argument != "--" else { return nil }
        rest.removeFirst()
        guard argument.hasPrefix("--") else { throw UsageError("unexpected argument `\(argument)`") }
        guard seen.insert(argument).inserted || repeatable.contains(argument) else {
            throw UsageError("`\(argument)` is given twice")
        }
        return argument
    }

    /// The value of the option that was taken last.
    mutating func value(of option: String) throws(UsageError) -> String {
        guard let value = rest.popFirst(), value != "--" else { throw UsageError("`\(option)` needs a value") }
        return value
    }

    /// The value as a name that is not empty.
    mutating func name(of option: String) throws(UsageError) -> Text {
        let value = try value(of: option)
        guard !value.isEmpty else { throw UsageError("`\(option)` needs a value") }
        return Text(value)
    }

    /// What follows `--`; nil if there is no `--`.
    mutating func command() -> [String]? {
        guard rest.first == "--" else { return nil }
        return Array(rest.dropFirst())
    }
}
