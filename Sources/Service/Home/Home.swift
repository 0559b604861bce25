// Where everything of one gate lies.

/// The directory of one gate.
package struct Home: Hashable, Sendable {
    /// The absolute path.
    package let path: String

    /// The variable that names the home.
    package static let variable = "WRIT_HOME"

    /// A home at a path, which is made absolute if it is relative to a working directory.
    package init(_ path: String, workingDirectory: String) {
        var absolute = path.hasPrefix("/") ? path : "\(workingDirectory)/\(path)"
        while absolute.utf8.count > 1, absolute.hasSuffix("/") { absolute.removeLast() }
        self.path = absolute
    }

    /// The home that is meant where none is named: `$WRIT_HOME`, else `.local/share/writ` below the user's own
    /// directory.
    ///
    /// - Returns: nil if neither variable is set.
    package static func standard(
        _ environment: (_ name: String) -> String?,
        workingDirectory: String
    ) -> Home? {
        if let named = environment(variable), !named.isEmpty { return Home(named, workingDirectory: workingDirectory) }
        guard let user = environment("HOME"), user.hasPrefix("/") else { return nil }
        return Home("\(user)/.local/share/writ", workingDirectory: workingDirectory)
    }

    /// The configuration.
    package var configurationPath: String { "\(path)/writ.json" }
    /// The directory of private keys.
    package var keysDirectory: String { "\(path)/keys" }
    /// The log's private key.
    package var logKeyPath: String { "\(path)/keys/log.key" }
    /// The key that claims are coded with.
    package var claimsKeyPath: String { "\(path)/keys/claims.key" }
    /// The log's public key, as text for verifiers.
    package var verifierKeyPath: String { "\(path)/log.vkey" }
    /// The policy directory.
    package var policiesDirectory: String { "\(path)/policies" }
    /// A request that the policies of a new home permit.
    package var exampleRequestPath: String { "\(path)/example-request.json" }
    /// The log's directory.
    package var logDirectory: String { "\(path)/log" }
    /// The directory of what can be rebuilt from the log.
    package var stateDirectory: String { "\(path)/state" }
    /// The view of the log.
    package var viewPath: String { "\(path)/state/view.sqlite" }
    /// The Unix socket.
    package var socketPath: String { "\(path)/gate.sock" }

    /// A path of the configuration: absolute, or relative to the home.
    package func resolve(_ path: String?) -> String? {
        path.map { $0.hasPrefix("/") ? $0 : "\(self.path)/\($0)" }
    }
}
