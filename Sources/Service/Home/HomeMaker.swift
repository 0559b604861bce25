// Making a new home.

import Bytes
package import Cryptography
import Glibc
import Ledger
import Runtime

/// Why no home is made.
package enum HomeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Something stands at that path already.
    case exists(path: String, what: String)
    /// The origin is no name of a log.
    case origin(String)

    /// One line that says what is wrong.
    package var description: String {
        switch self {
        case .exists(let path, let what): "`\(path)` is not empty: it has `\(what)`; nothing was changed"
        case .origin(let name):
            "`\(name)` is no name for a log: use 1 to 255 bytes without white space and `+`, "
                + "such as `gate.example/2026`"
        }
    }
}

/// Makes homes: keys, configuration, and a small policy repository.
package struct HomeMaker: Sendable {
    private let home: Home
    private let origin: NoteKeyName
    private let operatorUserID: UInt32

    /// Prepares a home.
    ///
    /// - Parameters:
    ///   - home: Where; must be absent or empty.
    ///   - origin: The log's name; nil for one made of the machine's name and a random part.
    ///   - operatorUserID: The user that may operate the gate over its socket.
    /// - Throws: ``HomeError/origin(_:)``, or the operating system's error if it gives no random bytes.
    package init(_ home: Home, origin: String?, operatorUserID: UInt32) throws {
        self.home = home
        self.operatorUserID = operatorUserID
        let name = try origin ?? "\(Self.hostName())/\(RandomSource.hexadecimal(bytes: 4))"
        do throws(KeyError) {
            self.origin = try NoteKeyName(Text(name))
        } catch {
            throw HomeError.origin(name)
        }
    }

    /// Makes it all; answers the log's public key.
    ///
    /// The configuration is written last: a home without one is no home, so a crash leaves nothing that would be
    /// served.
    ///
    /// - Throws: ``HomeError``, or what the operating system says; what stood there before is as it was.
    package func make() throws -> NoteVerifierKey {
        if try Files.exists(home.path), let found = try Files.list(home.path).first {
            throw HomeError.exists(path: home.path, what: found)
        }
        try Files.createDirectory(home.path)
        // Also where the directory was there before: the home of keys is nobody else's.
        try FileDescriptor(opening: home.path, .directory).setPermissions(0o700)
        for directory in [home.keysDirectory, home.stateDirectory] {
            try Files.createDirectory(directory)
        }
        let key = try KeyFiles.makeLogKey(
            origin: origin,
            privatePath: home.logKeyPath,
            publicPath: home.verifierKeyPath
        )
        try KeyFiles.makeClaimsKey(at: home.claimsKeyPath)
        // The log is made here and nowhere else: a gate that finds none must not begin the same log anew.
        try Log.create(at: home.logDirectory, origin: origin)
        for file in ExamplePolicies.files {
            let path = "\(home.policiesDirectory)/\(file.path)"
            try Files.createDirectory(Files.parent(of: path), permissions: 0o755)
            try Files.create(path, with: Array(file.text.utf8), permissions: 0o644)
        }
        try Files.create(home.exampleRequestPath, with: Array(ExamplePolicies.request.utf8), permissions: 0o644)
        try Files.create(home.configurationPath, with: Array(configuration.utf8), permissions: 0o600)
        return key
    }

    private var configuration: String {
        """
        {
          "origin": "\(origin)",
          "listen": {"unix": "gate.sock", "mode": "0660"},
          "policies": {"directory": "policies", "unsigned": true},
          "log": {"directory": "log", "public": false},
          "operators": [{"uid": \(operatorUserID)}]
        }

        """
    }

    private static func hostName() -> String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&bytes, bytes.count - 1) == 0 else { return "gate" }
        let name = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }.filter { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        return name.isEmpty ? "gate" : String(decoding: name, as: UTF8.self)
    }
}
