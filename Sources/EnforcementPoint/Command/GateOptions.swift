// The options that every enforcement point has: where the gate is, and with what it is called.

import Bytes
import Runtime

/// `--gate` and `--token-file`.
package struct GateOptions: Sendable {
    /// The address; nil for the default.
    package var address: GateAddress?
    /// The file with the token; nil for the variable, or the peer credentials.
    package var tokenFile: String?

    /// Makes options that say nothing.
    package init() {}

    /// Takes an option, if it is one of these; answers whether it was.
    mutating func take(_ option: String, _ reader: inout ArgumentReader) throws(UsageError) -> Bool {
        switch option {
        case "--gate": address = try GateAddress(parsing: try reader.value(of: option))
        case "--token-file": tokenFile = try reader.value(of: option)
        default: return false
        }
        return true
    }

    /// Makes the gate.
    ///
    /// Without `--gate` it is `gate.sock` in `$WRIT_HOME`, or in `~/.local/share/writ`. Without `--token-file` the
    /// token is in `WRIT_TOKEN`, if that is set; else the gate knows the caller by the socket's peer credentials.
    ///
    /// - Throws: ``UsageError`` when there is no address or no readable token.
    package func gate() throws(UsageError) -> RemoteGate {
        RemoteGate(wire: try SocketWire(try addressOrDefault(), token: tokenSource))
    }

    /// Where the token comes from.
    var tokenSource: TokenSource {
        if let tokenFile { return .file(path: tokenFile) }
        let name = GateAddress.tokenVariable
        return Variables.value(name) == nil ? .none : .environment(name: name)
    }

    /// The address that was given, else the default.
    func addressOrDefault() throws(UsageError) -> GateAddress {
        if let address { return address }
        if let home = Variables.value("WRIT_HOME") { return .unix(path: "\(home)/gate.sock") }
        guard let home = Variables.value("HOME") else {
            throw UsageError("neither `--gate` nor WRIT_HOME nor HOME is set")
        }
        return .unix(path: "\(home)/.local/share/writ/gate.sock")
    }
}
