// What `writ exec` is told.

package import Authorization
package import Bytes

/// The command line of `writ exec`, as far as the decision and the start depend on it.
package struct ExecOptions: Sendable {
    /// The agent in whose name the command runs.
    package var actor: EntityName
    /// The surface.
    package var surface: Text
    /// The action.
    package var action: Text
    /// The target.
    package var target: EntityName
    /// The caller's members of the context; values are strict JSON.
    package var context: [ContextMember]
    /// The idempotency key, if there is one.
    package var key: Text?
    /// The names of the variables that the command gets; nil for ``environmentDefault``.
    package var environment: [String]?
    /// The command and its arguments.
    package var command: [String]

    /// The names of the variables that a command gets when none is named: enough to find programs, a home and a
    /// language.
    package static let environmentDefault = ["HOME", "LANG", "PATH"]

    /// Members of the context that only the gateway writes.
    package static let reservedMembers: Set<Text> = [
        "program", "program_digest", "arguments", "directory", "environment", "writ",
    ]

    /// Makes options.
    package init(
        actor: EntityName,
        surface: Text,
        action: Text,
        target: EntityName,
        command: [String],
        context: [ContextMember] = [],
        key: Text? = nil,
        environment: [String]? = nil
    ) {
        self.actor = actor
        self.surface = surface
        self.action = action
        self.target = target
        self.context = context
        self.key = key
        self.environment = environment
        self.command = command
    }
}

/// One member of a context from a command line.
package struct ContextMember: Hashable, Sendable {
    /// Its name.
    package let name: Text
    /// Its value, as JSON.
    package let json: [UInt8]

    /// Reads `name=text` or `name:=json`.
    ///
    /// - Throws: ``UsageError`` for an empty or reserved name and for JSON that is not strict.
    package init(parsing argument: String) throws(UsageError) {
        let bytes = Array(argument.utf8)
        guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else {
            throw UsageError("`\(argument)` is neither `name=text` nor `name:=json`")
        }
        let isTyped = equals > 0 && bytes[equals - 1] == UInt8(ascii: ":")
        let nameBytes = bytes[..<(isTyped ? equals - 1 : equals)]
        guard !nameBytes.isEmpty, let name = Text(utf8: nameBytes) else {
            throw UsageError("`\(argument)` has no name")
        }
        guard !ExecOptions.reservedMembers.contains(name), nameBytes.first != UInt8(ascii: "$") else {
            throw UsageError("context member `\(name)` is reserved")
        }
        self.name = name
        let value = Array(bytes[(equals + 1)...])
        guard isTyped else {
            var output: [UInt8] = []
            CanonicalJSON.append(string: value, to: &output)
            json = output
            return
        }
        do throws(JSONError) {
            _ = try JSONValue(parsing: value, limits: .request)
        } catch {
            throw UsageError("context member `\(name)`: \(error)")
        }
        json = value
    }
}

/// What is wrong with a command line: exit code 64, and nothing was asked.
package struct UsageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line for a person.
    package let description: String

    /// Makes an error.
    package init(_ description: String) {
        self.description = description
    }
}

/// The exit codes of gateways that run something.
package enum GatewayExit {
    /// The command line is wrong, or there is no such program.
    package static let usage: Int32 = 64
    /// DENY.
    package static let deny: Int32 = 92
    /// SILENCE, and everything that leaves a doubt.
    package static let silence: Int32 = 93
    /// HOLD.
    package static let hold: Int32 = 94

    /// The exit code of a refusal.
    package static func code(of refusal: Refusal) -> Int32 {
        switch refusal.outcome {
        case .deny: deny
        case .hold: hold
        // A PERMIT that is not this attempt's to use is a doubt like any other.
        case .silence, .permit: silence
        }
    }
}
