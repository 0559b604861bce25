// How the gate of one home runs.

package import Bytes
import Cryptography
import Glibc
import Runtime
package import StrictPolicy

/// Why there is no configuration.
package enum ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file cannot be read.
    case unreadable(String)
    /// The file says what it may not say.
    case invalid(PolicyProblems)
    /// A flag says what it may not say.
    case flag(ArgumentError)
    /// What must be said is not, or what is said may not be.
    case refused(String)

    /// What is wrong, with places where there are any.
    package var description: String {
        switch self {
        case .unreadable(let message), .refused(let message): message
        case .invalid(let problems): problems.description
        case .flag(let error): error.description
        }
    }
}

/// A configuration that is whole and within its bounds.
package struct Configuration: Hashable, Sendable {
    /// The home that it belongs to.
    package let home: Home
    /// The log's name.
    package let origin: Text
    /// The path of the Unix socket.
    package let socketPath: String
    /// The permissions of the socket's file.
    package let socketMode: UInt32
    /// Where the gate listens on TCP, if it does.
    package let address: LoopbackAddress?
    /// The policy directory; unsigned, and switched on as such.
    package let policiesDirectory: String
    /// The log's directory.
    package let logDirectory: String
    /// Whether anybody may read entries and tiles.
    package let isLogPublic: Bool
    /// The file of the log's private key.
    package let logKeyPath: String
    /// The file of the key that claims are coded with.
    package let claimsKeyPath: String
    /// The users that may operate the gate, ascending.
    package let operators: [UInt32]
    /// The most open connections.
    package let connectionsMax: Int
    /// The most statements that wait for the log.
    package let pendingMax: Int
    /// How long a caller waits for the log, in milliseconds.
    package let commitMilliseconds: Int64

    /// Reads the home's `writ.json`; what flags say wins over what the file says.
    ///
    /// - Throws: ``ConfigurationError`` for anything that is unknown, of the wrong form or missing; the gate MUST NOT
    ///   start.
    package init(home: Home, flags: ParsedArguments? = nil) throws(ConfigurationError) {
        let bytes: [UInt8]
        do throws(FileReadError) {
            bytes = try Files.read(home.configurationPath, bytesMax: ConfigurationReader.limits.bytesMax)
        } catch {
            throw .unreadable("\(error); `writ init` makes a home")
        }
        try self.init(parsing: bytes, home: home, flags: flags)
    }

    /// Reads the text of a `writ.json`.
    package init(parsing bytes: [UInt8], home: Home, flags: ParsedArguments? = nil) throws(ConfigurationError) {
        let reader = ConfigurationReader(SourceFile(path: Text(home.configurationPath), bytes: bytes))
        if let problems = PolicyProblems(reader.problems) { throw .invalid(problems) }
        var values = reader.values
        if let flags {
            do throws(ArgumentError) {
                values.merge(try Self.values(flags))
            } catch {
                throw .flag(error)
            }
        }
        try self.init(values, home: home)
    }

    private init(_ values: ConfigurationValues, home: Home) throws(ConfigurationError) {
        guard let origin = values.text(.origin) else {
            throw .refused("`\(home.configurationPath)` does not say `origin`, the log's globally unique name")
        }
        guard values.boolean(.policiesUnsigned) == true else {
            throw .refused(
                "policies from a directory are unsigned: a development source that must be switched on by "
                    + "`\"policies\": {\"unsigned\": true}` in `\(home.configurationPath)`"
            )
        }
        self.home = home
        self.origin = Text(origin)
        socketPath = home.resolve(values.text(.listenUnix)) ?? home.socketPath
        socketMode = UInt32(clamping: values.number(.listenMode) ?? 0o660)
        address = values.address(.listenTCP)
        policiesDirectory = home.resolve(values.text(.policiesDirectory)) ?? home.policiesDirectory
        logDirectory = home.resolve(values.text(.logDirectory)) ?? home.logDirectory
        isLogPublic = values.boolean(.logPublic) ?? false
        logKeyPath = home.resolve(values.text(.keysLog)) ?? home.logKeyPath
        claimsKeyPath = home.resolve(values.text(.keysClaims)) ?? home.claimsKeyPath
        operators = values.users(.operators).sorted()
        connectionsMax = Int(clamping: values.number(.limitsConnections) ?? 4_096)
        pendingMax = Int(clamping: values.number(.limitsPending) ?? 8_192)
        commitMilliseconds = values.number(.limitsCommit) ?? 1_000
    }

    /// Refuses a `writ.json` that others could change or replace: it says whose policies rule and who operates.
    ///
    /// - Throws: ``ConfigurationError``; the gate MUST NOT start.
    package func checkAccess() throws(ConfigurationError) {
        for path in [home.path, home.configurationPath] {
            let status: FileStatus
            do throws(SystemError) {
                status = try Files.status(of: path)
            } catch {
                throw .unreadable("\(error)")
            }
            guard status.permissions & 0o022 == 0 else {
                throw .refused("others can write to `\(path)`: they could change what rules; `chmod go-w` it")
            }
            guard status.uid == geteuid() || status.uid == 0 else {
                throw .refused("`\(path)` belongs to user \(status.uid), who could change what rules")
            }
        }
    }

    /// What the flags of `writ serve` say.
    private static func values(_ flags: ParsedArguments) throws(ArgumentError) -> ConfigurationValues {
        var values = ConfigurationValues()
        for member in ConfigurationMember.allCases where flags.has(member.flag.name) {
            let given = member.kind == .boolean ? ["true"] : flags.values(member.flag.name)
            for text in given where !values.set(member, text) {
                throw .invalidValue(flag: member.flag.name, value: text, expected: member.expectation)
            }
        }
        return values
    }

    /// The digest of everything that the configuration says, for the log.
    package var digest: Digest { SHA256.digest(of: canonical) }

    /// The RFC 8785 form of what is in force, defaults included.
    var canonical: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("claims_key", Text(claimsKeyPath))
        writer.member("commit_milliseconds", commitMilliseconds)
        writer.member("connections", connectionsMax)
        if let address { writer.member("listen_tcp", Text(address.description)) }
        writer.member("listen_unix", Text(socketPath))
        writer.member("listen_unix_mode", socketMode)
        writer.member("log_directory", Text(logDirectory))
        writer.member("log_key", Text(logKeyPath))
        writer.member("log_public", isLogPublic)
        writer.name("operators")
        writer.beginArray()
        for user in operators { writer.integer(user) }
        writer.endArray()
        writer.member("origin", origin)
        writer.member("pending", pendingMax)
        writer.member("policies_directory", Text(policiesDirectory))
        writer.endObject()
        return writer.bytes
    }
}
