// Everything that `writ.json` may say, each also a flag of `writ serve`.

/// One member of the configuration; the raw value is its path in `writ.json`.
package enum ConfigurationMember: String, CaseIterable, Sendable {
    /// The globally unique name of the log, which is its key's name, too.
    case origin
    /// The path of the Unix socket.
    case listenUnix = "listen.unix"
    /// The permissions of the socket's file.
    case listenMode = "listen.mode"
    /// The loopback address and port, if the gate listens on TCP.
    case listenTCP = "listen.tcp"
    /// The policy directory.
    case policiesDirectory = "policies.directory"
    /// Whether policies without signatures may rule.
    case policiesUnsigned = "policies.unsigned"
    /// The log's directory.
    case logDirectory = "log.directory"
    /// Whether anybody may read entries and tiles.
    case logPublic = "log.public"
    /// The file of the log's private key.
    case keysLog = "keys.log"
    /// The file of the key that claims are coded with.
    case keysClaims = "keys.claims"
    /// The users of the machine that may operate the gate over its socket.
    case operators
    /// The most open connections.
    case limitsConnections = "limits.connections"
    /// The most statements that wait for the log at once.
    case limitsPending = "limits.pending"
    /// How long a caller waits for the log.
    case limitsCommit = "limits.commit_milliseconds"

    /// What kind of value a member has.
    package enum Kind: Hashable, Sendable {
        /// A name without white space.
        case name
        /// A path, relative to the home if it does not begin with `/`.
        case path
        /// Permissions in octal digits.
        case mode
        /// A loopback address with a port.
        case address
        /// `true` or `false`; as a flag without a value, `true`.
        case boolean
        /// An integer within bounds.
        case integer(ClosedRange<Int64>)
        /// A list of `{"uid":N}`; as a flag one number, repeatable.
        case users
    }

    /// The kind of the value.
    package var kind: Kind {
        switch self {
        case .origin: .name
        case .listenUnix, .policiesDirectory, .logDirectory, .keysLog, .keysClaims: .path
        case .listenMode: .mode
        case .listenTCP: .address
        case .policiesUnsigned, .logPublic: .boolean
        case .operators: .users
        case .limitsConnections: .integer(1...65_536)
        case .limitsPending: .integer(1...65_536)
        case .limitsCommit: .integer(1...60_000)
        }
    }

    /// What the value must be, in words.
    package var expectation: String {
        switch kind {
        case .name: "a name of 1 to 255 bytes without white space and `+`"
        case .path: "a path"
        case .mode: "permissions in octal, as \"0660\""
        case .address: "a loopback address with a port, as \"127.0.0.1:7411\" or \"[::1]:7411\""
        case .boolean: "`true` or `false`"
        case .integer(let range): "an integer from \(range.lowerBound) to \(range.upperBound)"
        case .users: "a list of users, each {\"uid\": NUMBER}"
        }
    }

    /// The flag of `writ serve` that stands for the member.
    package var flag: FlagSpecification {
        let name = String(rawValue.map { $0 == "." || $0 == "_" ? "-" : $0 })
        return switch kind {
        case .name: FlagSpecification("--\(name)", "NAME", says: summary)
        case .path: FlagSpecification("--\(name)", "PATH", says: summary)
        case .mode: FlagSpecification("--\(name)", "MODE", says: summary)
        case .address: FlagSpecification("--\(name)", "ADDRESS:PORT", says: summary)
        case .boolean: FlagSpecification("--\(name)", says: summary)
        case .integer: FlagSpecification("--\(name)", "N", says: summary)
        case .users: FlagSpecification("--operators-uid", "N", repeatable: true, says: summary)
        }
    }

    private var summary: String {
        switch self {
        case .origin: "the log's globally unique name"
        case .listenUnix: "the Unix socket (default: gate.sock in the home)"
        case .listenMode: "the permissions of the socket (default: 0660)"
        case .listenTCP: "a loopback address to listen on, too"
        case .policiesDirectory: "the policy directory (default: policies in the home)"
        case .policiesUnsigned: "let unsigned policies rule: the development source"
        case .logDirectory: "the log's directory (default: log in the home)"
        case .logPublic: "let anybody read entries and tiles"
        case .keysLog: "the log's private key (default: keys/log.key in the home)"
        case .keysClaims: "the key of claims (default: keys/claims.key in the home)"
        case .operators: "a user of this machine that may operate the gate"
        case .limitsConnections: "the most open connections (default: 4096)"
        case .limitsPending: "the most statements that wait for the log (default: 8192)"
        case .limitsCommit: "how long a caller waits for the log (default: 1000)"
        }
    }
}
